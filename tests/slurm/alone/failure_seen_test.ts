import { ok } from "node:assert/strict";
import { ENDINGS, failureSeen } from "../failure_seen.ts";
import { labIsUp, LabUser, startWithoutAccounting, withoutAccounting } from "../lab.ts";

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
