import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { cluster, labIsUp, LabUser } from "../lab.ts";

const EXPERIMENT = `command: 'echo $EXPFLOW_ATTEMPT >> {run.dir}/trace'
args: none
sweep: { grid: { x: [0, 1, 2] } }
`;

async function ranOnce(user: LabUser, project: string, id: string): Promise<void> {
  await user.ok(["submit", id, "--wait"], project);
  const { submissions } = await user.status(project, id);
  equal(submissions.length, 1);
  for (const run of [0, 1, 2]) {
    const trace = join(project, "experiments", "runs", id, String(run), "trace");
    equal(Deno.readTextFileSync(trace), "1\n", `${id}/${run}`);
  }
}

Deno.test({
  name: "slurmctld stopped during submit, status and cancel: unknown, and nothing is lost",
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    alice.write(cwd, "before", "command: sleep 300\nargs: none\n");
    await alice.ok(["submit", "before"], cwd);
    await alice.until(cwd, "before", ({ counts }) => counts.running === 1);
    alice.write(cwd, "during", EXPERIMENT);
    await cluster("stop", "slurmctld");
    try {
      // all at once: each of them waits long for a controller that does not answer
      const steps: [name: string, fn: () => Promise<void>][] = [
        ["status", async () => {
          const { runs } = await alice.status(cwd, "before");
          ok(["unknown", "running"].includes(runs[0].state), runs[0].state);
        }],
        ["submit", async () => {
          const { code, err } = await alice.run(["submit", "during"], cwd);
          equal(code, 6, err);
          match(err, /^error: Cannot .*\nhint: /m);
        }],
        ["cancel", async () => {
          const { code, err } = await alice.run(["cancel", "before"], cwd);
          equal(code, 6, err);
        }],
      ];
      const concurrent = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
      await Promise.all(steps.map(([name, fn]) => t.step({ name, ...concurrent, fn })));
    } finally {
      await cluster("start", "slurmctld");
    }
    await cluster("up");
    await ranOnce(alice, cwd, "during");
    await alice.ok(["cancel", "before"], cwd);
    await alice.until(cwd, "before", ({ counts }) => counts.cancelled === 1);
  },
});

Deno.test({
  name: "slurmdbd stopped: submission and states go on, and stay right",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    await cluster("stop", "slurmdbd");
    try {
      alice.write(cwd, "good", EXPERIMENT);
      await ranOnce(alice, cwd, "good");
      alice.write(cwd, "bad", "command: exit 5\nargs: none\n");
      equal((await alice.run(["submit", "bad", "--wait"], cwd)).code, 1);
      const { runs } = await alice.status(cwd, "bad");
      deepEqual([runs[0].state, runs[0].stages.train.exitCode], ["failed", 5]);
    } finally {
      await cluster("start", "slurmdbd");
    }
  },
});
