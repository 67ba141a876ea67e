"""Submits held jobs with submitit and prints the seconds it took: single N | arrays N SIZE."""

import operator
import sys
import time

import submitit

kind, folder, *numbers = sys.argv[1:]
executor = submitit.SlurmExecutor(folder=folder)
executor.update_parameters(time=5, mem="10M", additional_parameters={"hold": True})
start = time.perf_counter()
if kind == "single":
    for number in range(int(numbers[0])):
        executor.submit(operator.neg, number)
else:
    points, size = map(int, numbers)
    for first in range(0, points, size):
        executor.map_array(operator.neg, range(first, first + size))
print(time.perf_counter() - start)
