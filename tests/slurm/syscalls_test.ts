import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import {
  type Call,
  canTrace,
  changesIn,
  killedAt,
  kindOf,
  litterIn,
  sample,
  traced,
} from "../cli/strace.ts";
import { labIsUp, LabUser } from "./lab.ts";

const POINTS = 12;
const RUNS = [0, 1, 2];
const EXPERIMENT = `command: 'echo $EXPFLOW_ATTEMPT >> {run.dir}/trace'
args: none
sweep: { grid: { x: [${RUNS}] } }
`;

Deno.test({
  name: "SIGKILL at each call of a submission to Slurm: nothing lost, nothing twice",
  ignore: !canTrace || !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice", {}, "syscalls"); // others change calls by what they compile
    const cwd = await alice.project();
    const log = join(alice.scratch, "strace");
    const submitTraced = async (id: string, at?: Call) => {
      alice.write(cwd, id, EXPERIMENT);
      await alice.run(["submit", id], cwd, undefined, traced(log, at));
    };
    // what is made once is made before the calls are counted
    await submitTraced("zeroth");
    await submitTraced("first");
    const calls = changesIn(log, cwd);
    ok(calls.length > 30, `${calls.length} calls`);
    const points = sample(calls, POINTS);
    let killed = 0;
    const places = new Set<string>();
    for (const [at, call] of points.entries()) {
      const what = `${call.name} ${call.nth}: ${call.line.replaceAll(cwd, "")}`;
      await t.step(what, async () => {
        const id = `p${at}`;
        await submitTraced(id, call);
        const line = killedAt(log);
        if (line !== undefined) {
          killed++;
          places.add(kindOf(line));
        }
        await alice.ok(["submit", id, "--wait"], cwd);
        const { runs, submissions } = await alice.status(cwd, id);
        equal(submissions.length, 1);
        deepEqual(runs.map(({ state }: { state: string }) => state), RUNS.map(() => "completed"));
        for (const run of RUNS) {
          const trace = join(cwd, "experiments", "runs", id, String(run), "trace");
          equal(Deno.readTextFileSync(trace), "1\n");
        }
        deepEqual(litterIn(cwd), []);
      });
    }
    const told = `${calls.length} calls; of ${points.length} tried, killed at ${killed}, ` +
      `in ${places.size} different places`;
    console.log(told);
    // starts of programs are one place; which call is the nth differs: answers come when they come
    ok(killed >= 0.6 * points.length && places.size >= points.length / 3, told);
  },
});
