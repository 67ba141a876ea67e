import { deepEqual, ok } from "node:assert/strict";
import { Lab } from "../schedulers/conformance_lab.ts";
import { openQueueBench } from "../schedulers/queue_bench.ts";

/** Of many short tasks, so that workers take one after the other from what they saw before. */
const TASKS = 300;

Deno.test("what was cancelled before a worker had it is not started", async () => {
  const bench = openQueueBench(2);
  const lab = new Lab(bench);
  try {
    const body = ": >started-$SLURM_ARRAY_TASK_ID";
    const id = await lab.submit([`--array=0-${TASKS - 1}`], body);
    await lab.appears("started-0");
    const told: number[] = [];
    // always what comes next: workers have seen it, and not what is wished since
    for (let task = 1; task < TASKS; task++) {
      const report = (await lab.tasks(id))[task]!;
      if (report.state !== "PENDING") continue;
      await bench.scheduler.cancel([{ job: id, task }]);
      // `COMPLETING` is another matter: it ran when it was cancelled
      const { state } = (await lab.tasks(id))[task]!;
      if (state === "CANCELLED" && !lab.exists(`started-${task}`)) told.push(task);
      task += 2;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await lab.ended(id);
    ok(told.length > 0);
    deepEqual(told.filter((task) => lab.exists(`started-${task}`)), []);
  } finally {
    await bench.close();
  }
});
