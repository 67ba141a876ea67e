import { equal, match } from "node:assert/strict";
import { labIsUp, LabUser } from "./lab.ts";

Deno.test({
  name: "a run is reproduced on Slurm, with its own job and record",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    alice.write(
      cwd,
      "exp",
      `command: |
  echo "{\\"loss\\": {params.lr}, \\"job\\": $SLURM_JOB_ID}" > {run.dir}/result.json
args: none
resources: { partition: cpu, time: 5 }
sweep: { grid: { lr: [0.5, 0.25] }, seeds: 2 }
`,
    );
    await alice.ok(["submit", "exp", "--wait", "--poll", "2s"], cwd);
    const { code, out, err } = await alice.run(["reproduce", "exp/3", "--verify"], cwd);
    match(err, /^not restored: code: it was not kept \(it was not in a git repository\)/m);
    match(out, /^loss +0.25 +0.25 +0 +equal$/m, err);
    match(out, /^job +\d+ +\d+ +\d+ +different$/m);
    equal(code, 1, "the number of a job is another each time");
    const { runs } = await alice.status(cwd, "exp-3-again");
    equal(runs[0].state, "completed");
  },
});
