import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { labIsUp, LabUser } from "./lab.ts";

const TRIALS = 8;

const EXPERIMENT = `command: |
  echo $EXPFLOW_ATTEMPT >> {run.dir}/trace
  echo "{\\"loss\\": {params.x}}" > {run.dir}/result.json
args: none
resources: { time: 5m, mem: 50M }
search:
  metric: loss
  trials: ${TRIALS}
  at_once: 4
  space: { x: "uniform(0,1)" }
`;

Deno.test({
  name: "a search on Slurm, its driver killed in between, has each trial once",
  ignore: !labIsUp,
  fn: async () => {
    await using alice = await LabUser.login("alice");
    const project = await alice.project();
    alice.write(project, "tune", EXPERIMENT);
    const [program, ...args] = alice.expflowArgv(["search", "run", "tune"], undefined, project, [
      "timeout",
      "--signal=KILL",
      "4",
    ]);
    await new Deno.Command(program!, { args, stdout: "null", stderr: "null" }).output();
    for (let driver: unknown = "killed"; driver !== undefined;) {
      const { out } = await alice.ok(["search", "status", "tune", "--json"], project);
      ({ driver } = JSON.parse(out)); // a process that is being killed is there for a moment
    }
    await alice.ok(["search", "run", "tune", "--poll", "1s"], project);
    const { out } = await alice.ok(["search", "report", "tune", "--json"], project);
    const { trials, valued, failed, best } = JSON.parse(out);
    deepEqual({ valued, failed, trials: trials.length }, {
      valued: TRIALS,
      failed: 0,
      trials: TRIALS,
    });
    const values = trials.map(({ value }: { value: number }) => value);
    equal(best.value, Math.min(...values));
    const { runs } = await alice.status(project, "tune");
    equal(runs.length, TRIALS);
    for (const { run, params, value } of trials) {
      equal(value, params.x);
      const trace = join(project, "experiments", "runs", "tune", String(run), "trace");
      equal(Deno.readTextFileSync(trace), "1\n");
    }
  },
});
