import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { asRoot, cluster, labIsUp, LabUser } from "./lab.ts";

/** Fast-ending lives of one run, with what must be said of each. */
const LIVES: [string, string, string][] = [
  ["completed", "true", ""],
  ["failed", "exit 3", ""],
  ["out_of_memory", "head -c 600M /dev/zero | tail", "resources: { mem: 100M }"],
];

Deno.test({
  name: "status says what Slurm says of each end",
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    for (const [state, command, more] of LIVES) {
      await t.step(state, async () => {
        alice.write(cwd, state, `command: ${JSON.stringify(command)}\nargs: none\n${more}\n`);
        await alice.run(["submit", state, "--wait"], cwd);
        const { runs } = await alice.status(cwd, state);
        equal(runs[0].state, state, JSON.stringify(runs));
      });
    }
    await t.step("cancelled by somebody else", async () => {
      alice.write(cwd, "victim", "command: sleep 300\nargs: none\n");
      await alice.ok(["submit", "victim"], cwd);
      const { runs } = await alice.until(cwd, "victim", ({ counts }) => counts.running === 1);
      equal((await asRoot("scancel", runs[0].stages.train.job)).code, 0);
      await alice.until(cwd, "victim", ({ counts }) => counts.cancelled === 1);
      // Accounting, which knows by whom, may be behind the queue.
      await alice.until(
        cwd,
        "victim",
        ({ runs: [run] }) => run.stages.train.reason === "cancelled by user 0",
      );
    });
    await t.step("timeout", async () => {
      alice.write(cwd, "slow", "command: sleep 300\nargs: none\nresources: { time: '1' }\n");
      await alice.ok(["submit", "slow"], cwd);
      const { runs } = await alice.until(cwd, "slow", ({ counts }) => counts.running === 1);
      const job = runs[0].stages.train.job;
      equal((await asRoot("scontrol", "update", `jobid=${job}`, "EndTime=now+2")).code, 0);
      await alice.until(cwd, "slow", ({ counts }) => counts.timeout === 1, 90);
    });
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

Deno.test({
  name: "a crashed node: the run is requeued and becomes attempt 2, its log kept",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    alice.write(
      cwd,
      "crash",
      "command: 'echo attempt $EXPFLOW_ATTEMPT; [ $EXPFLOW_ATTEMPT = 2 ] || sleep 300'\n" +
        "args: none\nresources: { requeue: true, nodelist: cpu01 }\n",
    );
    await alice.ok(["submit", "crash"], cwd);
    await alice.until(cwd, "crash", ({ counts }) => counts.running === 1);
    try {
      await cluster("crash", "cpu01");
      const state = await alice.until(cwd, "crash", ({ counts }) => !counts.running, 60);
      ok(!state.counts.completed, JSON.stringify(state.counts));
    } finally {
      await cluster("start", "cpu01");
      await cluster("up");
    }
    const { runs } = await alice.until(cwd, "crash", ({ counts }) => counts.completed === 1, 90);
    equal(runs[0].stages.train.attempt, 2);
    equal((await alice.ok(["logs", "crash"], cwd)).out, "attempt 1\nattempt 2\n");
  },
});
