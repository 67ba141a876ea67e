import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { labIsUp, LabUser } from "./lab.ts";
import { checkLives, LIVES, LIVES_BY_OTHERS } from "./lives.ts";

Deno.test({
  name: "status says what Slurm says of each end",
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    await checkLives(t, alice, cwd, { ...LIVES, ...LIVES_BY_OTHERS });
  },
});

Deno.test({
  name: "a preempted run starts again: attempt 2, its log kept",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    const all = (partition: string) =>
      `args: none\nresources: { partition: ${partition}, requeue: true, sbatch: [--gres=gpu:h100:2] }\n`;
    alice.write(
      cwd,
      "low",
      "command: 'echo attempt $EXPFLOW_ATTEMPT; [ $EXPFLOW_ATTEMPT = 2 ] || sleep 300'\n" +
        all("preempt"),
    );
    alice.write(cwd, "high", `command: sleep 2\n${all("short")}`);
    await alice.ok(["submit", "low"], cwd);
    await alice.until(cwd, "low", ({ counts }) => counts.running === 1);
    await alice.untilSaid(cwd, "low", "attempt 1");
    await alice.ok(["submit", "high"], cwd);
    const { runs } = await alice.until(cwd, "low", ({ counts }) => counts.completed === 1);
    equal(runs[0].stages.train.attempt, 2);
    equal((await alice.ok(["logs", "low"], cwd)).out, "attempt 1\nattempt 2\n");
  },
});

Deno.test({
  name: "eval never runs after a failed train, and does after a good one, run by run",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    alice.write(
      cwd,
      "two",
      `stages:
  train: 'echo t >> {run.dir}/trace; exit {params.code}'
  eval: { command: 'echo e >> {run.dir}/trace', after: train, args: none }
args: none
sweep: { grid: { code: [0, 3] } }
`,
    );
    equal((await alice.run(["submit", "two", "--wait"], cwd)).code, 1);
    const { runs } = await alice.status(cwd, "two");
    deepEqual(
      runs.map((run: { stages: Record<string, { state: string }> }) => [
        run.stages.train!.state,
        run.stages.eval!.state,
      ]),
      [["completed", "completed"], ["failed", "skipped"]],
    );
    const trace = (run: number) =>
      Deno.readTextFileSync(join(cwd, "experiments", "runs", "two", String(run), "trace"));
    deepEqual([trace(0), trace(1)], ["t\ne\n", "t\n"]);
  },
});
