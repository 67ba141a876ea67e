import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { cluster, labIsUp, LabUser, startWithoutAccounting, withoutAccounting } from "./lab.ts";
import { checkLives, LIVES } from "./lives.ts";

const plain = (...args: string[]) => cluster("--no-accounting", ...args);

async function withCluster(action: (alice: LabUser, project: string) => Promise<void>) {
  await using _cluster = await startWithoutAccounting();
  await using alice = await LabUser.login("alice", withoutAccounting);
  await action(alice, await alice.project());
}

Deno.test({
  name: "without accounting: status says what Slurm says of each end",
  ignore: !labIsUp,
  fn: (t) =>
    withCluster((alice, cwd) =>
      checkLives(t, alice, cwd, {
        ...LIVES,
        cancelled: {
          command: "sleep 300",
          before: "running",
          provoke: (user, job) => user.admin(["scancel", job]),
          ends: { state: "cancelled", schedulerState: "CANCELLED" },
        },
        node: {
          command: "sleep 300",
          resources: "requeue: false, nodelist: plain02, mem: 1G",
          before: "running",
          provoke: () => plain("crash", "plain02"),
          ends: { state: "node_fail", schedulerState: "NODE_FAIL" },
        },
      })
    ),
});

Deno.test({
  name: "without accounting: a slurmd killed under a run that is requeued becomes attempt 2",
  ignore: !labIsUp,
  fn: () =>
    withCluster(async (alice, cwd) => {
      alice.write(
        cwd,
        "orphan",
        "command: 'echo attempt $EXPFLOW_ATTEMPT; [ $EXPFLOW_ATTEMPT = 2 ] || sleep 300'\n" +
          "args: none\nresources: { requeue: true }\n",
      );
      await alice.ok(["submit", "orphan"], cwd);
      const { runs: [run] } = await alice.until(cwd, "orphan", ({ counts }) => !!counts.running);
      await alice.untilSaid(cwd, "orphan", "attempt 1");
      await plain("kill", run.stages.train.nodes);
      const { runs } = await alice.until(cwd, "orphan", ({ counts }) => !!counts.completed, 90);
      equal(runs[0].stages.train.attempt, 2);
      equal((await alice.ok(["logs", "orphan"], cwd)).out, "attempt 1\nattempt 2\n");
    }),
});

Deno.test({
  name: "without accounting: a run that vanished is lost after two denials, and only then",
  ignore: !labIsUp,
  fn: (t) =>
    withCluster(async (alice, cwd) => {
      await using bob = await LabUser.login("bob", withoutAccounting);
      await alice.ok(["init", "other"]);
      const other = join(alice.scratch, "other");
      Deno.chmodSync(alice.scratch, 0o755);
      for (const project of [cwd, other]) {
        const text = "command: sleep 300\nargs: none\nresources: { requeue: false }\n";
        alice.write(project, "gone", text);
        await alice.ok(["submit", "gone"], project);
        await alice.until(project, "gone", ({ counts }) => counts.running === 1);
      }
      await plain("forget");
      const seen = new Set<string>();
      const [{ runs }, told] = await Promise.all([
        alice.until(cwd, "gone", ({ runs }) => {
          seen.add(runs[0].state);
          return runs[0].state === "lost";
        }, 300),
        bob.until(other, "gone", ({ runs: [run] }) =>
          /cannot be noted: Cannot write/.test(run.stages.train.reason ?? ""), 300),
      ]);
      await t.step("who may not write in a project is told unknown, not lost", () =>
        equal(told.runs[0].state, "unknown"));
      const { denials, reason } = runs[0].stages.train;
      await t.step("never failed, completed or the like", () =>
        deepEqual([...seen], ["unknown", "lost"]));
      await t.step("the evidence is told and kept", () => {
        equal(denials.length, 2);
        ok(denials[1].epoch - denials[0].epoch >= 30);
        deepEqual(denials[0].sources, ["squeue", "sacct"]);
        match(reason, /every source was asked twice/);
        const state = join(cwd, "experiments", "state", "gone", "001");
        const { denials: words } = JSON.parse(
          Deno.readTextFileSync(join(state, denials[0].record)),
        );
        match(words[0].words, /Invalid job id specified/);
        match(words[1].words, /accounting storage is disabled/);
      });
      await t.step("scontrol reads the same memory as squeue", async () => {
        const { err } = await alice.do(["scontrol", "show", "job", runs[0].stages.train.job]);
        match(err, /Invalid job id specified/);
      });
      await t.step("show gives each source's words", async () => {
        const shown = JSON.parse((await alice.ok(["show", "gone/0", "--json"], cwd)).out);
        match(shown.stages.train.evidence[1][0].command, /^squeue .*--jobs=\d+/);
        match((await alice.ok(["show", "gone/0"], cwd)).out, /Invalid job id specified/);
      });
      await t.step("it may be submitted again", async () => {
        alice.write(cwd, "gone", "command: sleep 300\nargs: none\n");
        match((await alice.ok(["submit", "gone", "--dry-run"], cwd)).out, /gone/);
      });
    }),
});
