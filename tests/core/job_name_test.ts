import { deepEqual } from "node:assert/strict";
import { type JobSubject, parseJobName } from "../../lib/core/job_name.ts";

Deno.test("parseJobName() tells experiment and stage, of jobs of runs alone", async (t) => {
  const cases: [string, JobSubject | undefined][] = [
    ["exp001.train.0-1f2e3d4c", { experiment: "exp001", stage: "train" }],
    ["a.b.c.eval_2.17-00000000", { experiment: "a.b.c", stage: "eval_2" }],
    ["exp001.train.0-1f2e3d4", undefined],
    ["exp001.0-1f2e3d4c", undefined],
    ["expflow-workers-1f2e3d4c", undefined],
    ["", undefined],
  ];
  for (const [name, subject] of cases) {
    await t.step(name || "no name", () => deepEqual(parseJobName(name), subject));
  }
});
