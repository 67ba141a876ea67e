import { equal, ok } from "node:assert/strict";
import { cluster, labIsUp, LabUser } from "../lab.ts";

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
    await alice.untilSaid(cwd, "crash", "attempt 1");
    try {
      await cluster("crash", "cpu01");
      const state = await alice.until(cwd, "crash", ({ counts }) => !counts.running);
      ok(!state.counts.completed, JSON.stringify(state.counts));
    } finally {
      await cluster("start", "cpu01");
      await cluster("up");
    }
    const { runs } = await alice.until(cwd, "crash", ({ counts }) => counts.completed === 1);
    equal(runs[0].stages.train.attempt, 2);
    equal((await alice.ok(["logs", "crash"], cwd)).out, "attempt 1\nattempt 2\n");
  },
});
