import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { labIsUp, LabUser } from "./lab.ts";

Deno.test({
  name: "real failures on Slurm are named, retried with the change, and end well",
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    await t.step("killed for memory: more of it", async () => {
      alice.write(
        cwd,
        "oom",
        `command: python3 -c 'x = bytearray({params.mib} * 2**20); x[::4096] = b"x" * len(x[::4096])'
args: none
resources: { mem: 100M, partition: cpu }
sweep: { grid: { mib: [10, 250] } }
retry: { host_oom: { mem: x4 } }
`,
      );
      const { err } = await alice.ok(["submit", "oom", "--wait", "--poll", "2s"], cwd);
      match(err, /retry of run 1 after host_oom: mem 100M → 400M \(oom\/002\)/);
      const { runs } = await alice.status(cwd, "oom");
      deepEqual(
        runs.map(({ state, stages }: { state: string; stages: { train: { attempt: number } } }) => [
          state,
          stages.train.attempt,
        ]),
        [["completed", 1], ["completed", 2]],
      );
    });
    await t.step("a node that fails it: kept away from", async () => {
      alice.write(
        cwd,
        "node",
        `command: |
  echo $SLURMD_NODENAME >> {run.dir}/../nodes
  test $EXPFLOW_ATTEMPT = 2 || { echo 'NCCL error in: ProcessGroupNCCL.cpp:1970' >&2; exit 1; }
args: none
resources: { partition: cpu }
retry: { network: { exclude_node: true } }
`,
      );
      const { err } = await alice.ok(["submit", "node", "--wait", "--poll", "2s"], cwd);
      const nodes = Deno.readTextFileSync(join(cwd, "experiments", "runs", "node", "nodes"));
      const [first, second] = nodes.trim().split("\n");
      match(err, new RegExp(`retry of run 0 after network: exclude ${first} \\(node/002\\)`));
      ok(first && second && first !== second, nodes);
    });
    await t.step("what the site puts back into the queue is the site's", async () => {
      alice.write(
        cwd,
        "back",
        `command: echo attempt $EXPFLOW_ATTEMPT; test $EXPFLOW_ATTEMPT = 2 || sleep 300
args: none
resources: { partition: cpu, requeue: true }
retry: { preempted: 3, node_fail: 3, lost: 3, unknown: 3 }
`,
      );
      await alice.ok(["submit", "back"], cwd);
      const running = await alice.until(cwd, "back", ({ counts }) => counts.running === 1);
      await alice.untilSaid(cwd, "back", "attempt 1");
      const { job } = running.runs[0].stages.train;
      equal((await alice.do(["scontrol", "requeue", job])).code, 0);
      equal((await alice.do(["scontrol", "hold", job])).code, 0); // it would start again soon
      for (let tries = 0; tries < 3; tries++) {
        match((await alice.ok(["pump", "back"], cwd)).out, /nothing waits/);
        match((await alice.ok(["retry", "back", "--failed"], cwd)).out, /nothing to retry/);
      }
      const { submissions, runs } = await alice.status(cwd, "back");
      deepEqual([submissions, runs[0].state], [["001"], "pending"]);
      await alice.ok(["cancel", "back"], cwd);
    });
  },
});
