import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { git, Sandbox, statusOf, writeExperiment } from "./harness.ts";
import {
  type Call,
  canTrace,
  changesIn,
  killedAt,
  kindOf,
  litterIn,
  sample,
  traced,
} from "./strace.ts";

const POINTS = 24;
const RUNS = [0, 1, 2];
const EXPERIMENT = `command: 'echo $EXPFLOW_ATTEMPT >> {run.dir}/trace'
args: none
sweep: { grid: { x: [${RUNS}] } }
`;

/** A project in a repository, so that a submission takes a snapshot too. */
async function repository(box: Sandbox, name: string): Promise<string> {
  const cwd = await box.project(name);
  writeExperiment(cwd, "exp", EXPERIMENT);
  await git(cwd, "init", "-q");
  await git(cwd, "add", ".");
  await git(cwd, "commit", "-qm", "start");
  return cwd;
}

async function submitTraced(box: Sandbox, cwd: string, log: string, at?: Call): Promise<void> {
  await box.spawn(["submit", "exp"], { cwd, before: traced(log, at) }).output();
}

Deno.test({
  name: "SIGKILL at each call of a submission that changes something: nothing lost, nothing twice",
  ignore: !canTrace,
  async fn(t) {
    await using box = new Sandbox();
    const log = join(box.root, "strace");
    // what Deno compiles once is compiled before the calls are counted
    await submitTraced(box, await repository(box, "zeroth"), log);
    const first = await repository(box, "first");
    await submitTraced(box, first, log);
    const calls = changesIn(log, first);
    ok(calls.length > 40, `${calls.length} calls`);
    let killed = 0;
    let exactly = 0;
    for (const [at, call] of sample(calls, POINTS).entries()) {
      const what = `${call.name} ${call.nth}: ${call.line.replaceAll(first, "")}`;
      await t.step(what, async () => {
        const cwd = await repository(box, `p${at}`);
        await submitTraced(box, cwd, log, call);
        const line = killedAt(log);
        if (line !== undefined) killed++;
        if (line !== undefined && kindOf(line) === kindOf(call.line)) exactly++;
        await box.ok(["submit", "exp", "--wait"], { cwd });
        const { runs, submissions } = await statusOf(box, cwd, "exp");
        equal(submissions.length, 1);
        deepEqual(runs.map(({ state }: { state: string }) => state), RUNS.map(() => "completed"));
        for (const run of RUNS) {
          const trace = join(cwd, "experiments", "runs", "exp", String(run), "trace");
          equal(Deno.readTextFileSync(trace), "1\n");
        }
        deepEqual(litterIn(cwd), []);
        await box.run(["local", "stop"], { cwd });
      });
    }
    const tried = sample(calls, POINTS).length;
    const told =
      `${calls.length} calls; of ${tried} tried, killed at ${killed}, ${exactly} of them ` +
      "the very same call";
    console.log(told);
    ok(killed >= 0.8 * tried && exactly >= 0.5 * tried, told);
  },
});
