import { deepEqual, ok } from "node:assert/strict";
import { unwish, wish } from "../../lib/schedulers/queue/control.ts";
import { isOver, type SchedulerState } from "../../lib/schedulers/scheduler.ts";
import { Lab } from "../schedulers/conformance_lab.ts";
import { openQueueBench } from "../schedulers/queue_bench.ts";

/** Of many short tasks, so that workers take one after the other from what they saw before. */
const TASKS = 300;

const isOpen = (state: SchedulerState) => !isOver(state);

Deno.test("what was cancelled or held before a worker had it is not started", async () => {
  const bench = openQueueBench(2);
  const lab = new Lab(bench);
  try {
    const body = ": >started-$SLURM_ARRAY_TASK_ID";
    const id = await lab.submit([`--array=0-${TASKS - 1}`], body);
    await lab.appears("started-0");
    const { layout } = bench.scheduler;
    const [told, held]: [number[], number[]] = [[], []];
    // always what comes next: workers have seen it, and not what is wished since
    for (let task = 1; task < TASKS; task++) {
      const report = (await lab.tasks(id))[task]!;
      if (report.state !== "PENDING") continue;
      if (task % 2 === 0) wish(layout, { kind: "hold", job: Number(id), task, epoch: 0 });
      else await bench.scheduler.cancel([{ job: id, task }]);
      // `COMPLETING` is another matter: it ran when it was cancelled
      const { state, reason } = (await lab.tasks(id))[task]!;
      if (lab.exists(`started-${task}`)) continue;
      if (state === "CANCELLED") told.push(task);
      if (state === "PENDING" && reason === "held") held.push(task);
      task += 2;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await lab.until(
      "what is not held ended",
      async () =>
        (await lab.tasks(id)).every(({ state, reason }) => !isOpen(state) || reason === "held"),
    );
    ok(told.length > 0 && held.length > 0);
    deepEqual([...told, ...held].filter((task) => lab.exists(`started-${task}`)), []);
    unwish(layout, { kind: "hold", job: Number(id) });
    await lab.ended(id);
    deepEqual(held.filter((task) => !lab.exists(`started-${task}`)), []);
  } finally {
    await bench.close();
  }
});
