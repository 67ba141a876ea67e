import { deepEqual, equal } from "node:assert/strict";
import { experimentOf, messageOf } from "./helpers.ts";

Deno.test("runs_per_job and runs_at_once are inherited, and may be a group's own", () => {
  const { stages, sweep } = experimentOf(`stages: { train: x, eval: { command: y, after: train } }
resources: { runs_per_job: 10, runs_at_once: 2 }
sweep: { groups: { big: { grid: { a: [1] }, resources: { runs_per_job: 1, runs_at_once: 1 } } } }
`);
  deepEqual(
    stages.map(({ resources }) => resources),
    Array(2).fill({ runs_per_job: 10, runs_at_once: 2 }),
  );
  deepEqual(sweep?.groups?.big?.resources, { runs_per_job: 1, runs_at_once: 1 });
});

Deno.test("runs that cannot share jobs are refused with the place", async (t) => {
  const table: [string, string][] = [
    [
      "resources: { runs_at_once: 2 }",
      "2:14: Cannot use runs_at_once: 2 with runs_per_job: 1 in train",
    ],
    [
      "resources: { runs_per_job: 4, runs_at_once: 3, gpus: 4 }",
      "2:31: Cannot use runs_at_once with gpus: 4, which 3 runs cannot divide in train",
    ],
    [
      "resources: { runs_per_job: 4, runs_at_once: 2, nodes: 2 }",
      "2:31: Cannot use runs_at_once with nodes: 2 in train",
    ],
    [
      "resources: { runs_per_job: 4, runs_at_once: 4, max_parallel: 2 }",
      "2:31: Cannot use runs_at_once with max_parallel: 2 in train",
    ],
    [
      "resources: { runs_per_job: 4, runs_at_once: 2 }\nlauncher: torchrun",
      "2:31: Cannot use runs_at_once with launcher: torchrun in train",
    ],
    [
      "resources: { runs_per_job: 4 }\nchain: 3",
      "2:14: Cannot use runs_per_job with chain in train",
    ],
    [
      "resume: requeue\nresources: { runs_per_job: 4 }",
      "3:14: Cannot use runs_per_job with resume: requeue in train",
    ],
    [
      "resources: { runs_per_job: 2 }\nsweep: { groups: { g: { grid: { a: [1] }, resources: { runs_at_once: 3 } } } }",
      "3:56: Cannot use runs_at_once: 3 with runs_per_job: 2 in train",
    ],
    [
      "resources: { runs_per_job: 0 }",
      "2:28: Cannot use resources.runs_per_job: found 0, expected a whole number, 1 or more",
    ],
  ];
  for (const [text, message] of table) {
    await t.step(text, () => {
      const found = messageOf(() => experimentOf(`command: x\n${text}\n`));
      equal(found.split(" | ")[0], `exp.yaml:${message}`);
    });
  }
});
