import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { namesIn } from "../../lib/system/files.ts";
import { TRAINER } from "../trainer.ts";
import { labIsUp, LabUser } from "./lab.ts";

const EPOCHS = 35;
const ALL = Array.from({ length: EPOCHS }, (_, at) => at + 1);

/** Slurm looks at time limits every 30 s: the warning comes within half a minute. */
const LONG = `command: EPOCH_SECONDS=1 python3 train.py
params: { epochs: ${EPOCHS} }
resources: { time: "1", signal: USR1@40, partition: cpu }
checkpoint: { dir: ckpt, param: resume_from }
`;

async function projectOf(user: LabUser): Promise<string> {
  const cwd = await user.project();
  Deno.writeTextFileSync(join(cwd, "train.py"), TRAINER);
  return cwd;
}

function trained(cwd: string, id: string, run = 0): number[] {
  const text = Deno.readTextFileSync(join(cwd, "experiments", "runs", id, String(run), "trained"));
  return text.trim().split("\n").map(Number);
}

/** Whether there is a checkpoint to continue from. */
function hasTrained(cwd: string, id: string): boolean {
  return namesIn(join(cwd, "experiments", "runs", id, "0")).includes("trained");
}

Deno.test({
  name: "a training longer than its time limit: requeue, tasks of an array, and a chain",
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await projectOf(alice);
    alice.write(cwd, "again", `${LONG}resume: requeue\nsweep: { seeds: 2 }\n`);
    alice.write(cwd, "links", `${LONG}chain: 3\n`);
    await alice.ok(["submit", "again"], cwd);
    await alice.ok(["submit", "links"], cwd);
    await t.step("requeue", async () => {
      const { runs } = await alice.until(cwd, "again", ({ counts }) => counts.completed === 2, 240);
      for (const { index, run, stages } of runs) {
        deepEqual(trained(cwd, "again", run ?? index), ALL);
        ok(stages.train.attempt > 1, JSON.stringify(stages));
      }
      equal(
        new Set(runs.map((run: { stages: { train: { job: string } } }) => run.stages.train.job))
          .size,
        1,
      );
    });
    await t.step("chain", async () => {
      const { runs } = await alice.until(cwd, "links", ({ counts }) => counts.completed === 1, 240);
      deepEqual(trained(cwd, "links"), ALL);
      equal(runs.length, 1);
      equal(runs[0].stages.train.chain.length, 3);
      ok(runs[0].stages.train.attempt > 1, JSON.stringify(runs[0].stages));
    });
  },
});

Deno.test({
  name: "a preempted run continues from its newest checkpoint, as attempt 2 of its job",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    await using bob = await LabUser.login("bob");
    const cwd = await projectOf(alice);
    alice.write(
      cwd,
      "low",
      `command: EPOCH_SECONDS=1 python3 train.py
params: { epochs: 20 }
resources: { partition: preempt, nodelist: cpu04, cpus_per_task: 32, time: "10" }
resume: requeue
checkpoint: { dir: ckpt, param: resume_from }
`,
    );
    await alice.ok(["submit", "low"], cwd);
    await alice.until(cwd, "low", ({ counts }) => counts.running === 1);
    for (const end = Date.now() + 60_000; Date.now() < end && !hasTrained(cwd, "low");) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    const wins = await bob.do([
      "sbatch",
      "-p",
      "cpu",
      "-w",
      "cpu04",
      "-t",
      "1",
      "--wrap",
      "sleep 1",
    ]);
    equal(wins.code, 0, wins.err);
    const { runs } = await alice.until(cwd, "low", ({ counts }) => counts.completed === 1);
    equal(runs[0].stages.train.attempt, 2);
    deepEqual(trained(cwd, "low"), ALL.slice(0, 20));
  },
});
