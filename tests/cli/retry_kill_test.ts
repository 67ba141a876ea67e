import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";
import { canTrace, changesIn, killedAt, kindOf, litterIn, sample, traced } from "./strace.ts";
import { copyProject } from "./trees.ts";

/** Kill points; `EXPFLOW_KILL_POINTS=all` tries each. */
const POINTS = 12;
/** The first attempt fails of what `retry:` knows; run 2 is retried as another run. */
const EXPERIMENT = `command: |
  echo $EXPFLOW_ATTEMPT >> {run.dir}/../trace.{run.index}
  batch={params.batch}
  if ((batch > 200)); then echo 'CUDA out of memory' >&2; echo 'torch.cuda.OutOfMemoryError: CUDA out of memory.' >&2; exit 1; fi
  if ((EXPFLOW_ATTEMPT == 1 && batch > 100)); then kill -KILL $$; fi
args: none
resources: { mem: 100M }
sweep: { grid: { batch: [101, 102, 256] } }
retry: { host_oom: { mem: x2 }, cuda_oom: { params: { batch: /4 } } }
`;

Deno.test({
  name: "SIGKILL at each call of retry that changes something: no retry lost, none doubled",
  ignore: !canTrace,
  async fn(t) {
    await using box = new Sandbox();
    const log = join(box.root, "strace");
    const base = await box.project("base");
    writeExperiment(base, "exp", EXPERIMENT);
    await box.ok(["submit", "exp"], { cwd: base });
    for (let tries = 0; (await statusOf(box, base, "exp")).counts.failed !== 3; tries++) {
      ok(tries < 100);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await box.ok(["local", "stop"], { cwd: base });
    const first = join(box.scratch, "first");
    copyProject(base, first);
    await box.spawn(["retry", "exp"], { cwd: first, before: traced(log) }).output();
    const calls = changesIn(log, first);
    ok(calls.length > 40, `${calls.length} calls`);
    const tried = sample(calls, POINTS);
    let killed = 0;
    for (const [at, call] of tried.entries()) {
      await t.step(`${call.name} ${call.nth}: ${kindOf(call.line)}`, async () => {
        const cwd = join(box.scratch, `p${at}`);
        copyProject(base, cwd);
        await box.spawn(["retry", "exp"], { cwd, before: traced(log, call) }).output();
        if (killedAt(log) !== undefined) killed++;
        await box.ok(["retry", "exp"], { cwd });
        await box.ok(["submit", "exp", "--wait"], { cwd });
        const { runs, submissions } = await statusOf(box, cwd, "exp");
        deepEqual(submissions, ["001", "002", "003"]);
        deepEqual(
          runs.map(({ run, state }: { run: number; state: string }) => [run, state]),
          [[0, "completed"], [1, "completed"], [2, "failed"], [3, "completed"]],
        );
        const traces = ["1\n2\n", "1\n2\n", "1\n", "1\n"];
        for (const [run, lines] of traces.entries()) {
          const path = join(cwd, "experiments", "runs", "exp", `trace.${run}`);
          equal(Deno.readTextFileSync(path), lines, `run ${run}`);
        }
        deepEqual(litterIn(cwd), []);
        await box.run(["local", "stop"], { cwd });
      });
    }
    const told = `${calls.length} calls; of ${tried.length} tried, killed at ${killed}`;
    console.log(told);
    // how often the scheduler is looked for until it answers depends on the machine's load
    ok(killed >= 0.6 * tried.length, told);
  },
});
