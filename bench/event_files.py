"""Reads the scalars of one event file with TensorBoard's own reader, and prints milliseconds.

`read FILE`: as tensorboard.backend reads it. `write FILE COUNT`: makes one with its own writer.
"""
import sys
import time


def write(path, count):
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter
    with open(path, "wb") as file:
        writer = RecordWriter(file)
        for step in range(count):
            value = Summary.Value(tag=f"metric{step % 4}", simple_value=1 / (step + 1))
            event = Event(wall_time=1.7e9 + step, step=step, summary=Summary(value=[value]))
            writer.write(event.SerializeToString())
        writer.flush()


def read(path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    start = time.perf_counter()
    events = EventAccumulator(path, size_guidance={"scalars": 0})
    events.Reload()
    last = [events.Scalars(tag)[-1].value for tag in events.Tags()["scalars"]]
    assert len(last) == 4, last
    print((time.perf_counter() - start) * 1000)


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2], int(sys.argv[3]))
    else:
        read(sys.argv[2])
