import { ok } from "node:assert/strict";
import { failureSeen } from "../failure_seen.ts";
import { labIsUp, LabUser, startWithoutAccounting, withoutAccounting } from "../lab.ts";

/** An end that leaves a marker, and one that only Slurm can tell of. */
const ENDINGS = { "exit": "exit 3", "kill": "kill -KILL $SLURM_TASK_PID" };

for (const [kind, env] of [["with accounting", {}], ["without", withoutAccounting]] as const) {
  Deno.test({
    name: `a failure is seen 2 s after the end, ${kind}`,
    ignore: !labIsUp,
    async fn(t) {
      await using _cluster = kind === "without" ? await startWithoutAccounting() : null;
      await using alice = await LabUser.login("alice", env);
      const cwd = await alice.project();
      for (const [id, ending] of Object.entries(ENDINGS)) {
        await t.step(id, async () => {
          const { seconds, call } = await failureSeen(alice, cwd, id, ending);
          console.log(`${kind}, ${id}: ${seconds.toFixed(2)} s, one status ${call.toFixed(2)} s`);
          ok(seconds < 2 + call, `${seconds} s`);
        });
      }
    },
  });
}
