import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { TRAINER } from "../trainer.ts";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";

const LONG = `command: python3 train.py
params: { epochs: 12 }
resources: { time: "0:12", signal: USR1@8 }
checkpoint: { dir: ckpt, param: resume_from }
`;

/** A project with the trainer. */
async function projectIn(box: Sandbox): Promise<string> {
  const cwd = await box.project();
  Deno.writeTextFileSync(join(cwd, "train.py"), TRAINER);
  return cwd;
}

/** Waits until `status --json` satisfies `wanted`, for ten seconds at most. */
async function untilStatus(
  box: Sandbox,
  cwd: string,
  id: string,
  // deno-lint-ignore no-explicit-any
  wanted: (status: any) => boolean,
) {
  for (let tries = 0;; tries++) {
    const status = await statusOf(box, cwd, id);
    if (wanted(status)) return status;
    ok(tries < 100, JSON.stringify(status));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function trained(cwd: string, id: string): number[] {
  const text = Deno.readTextFileSync(join(cwd, "experiments", "runs", id, "0", "trained"));
  return text.trim().split("\n").map(Number);
}

const TWELVE = Array.from({ length: 12 }, (_, at) => at + 1);

Deno.test("requeue: a run longer than its limit trains each epoch once, in one job", async () => {
  await using box = new Sandbox();
  const cwd = await projectIn(box);
  writeExperiment(
    cwd,
    "long",
    `${LONG}resume: requeue
stages:
  train: python3 train.py
  eval: { command: "cat {run.dir}/trained", after: train, args: none }
`.replace("command: python3 train.py\n", ""),
  );
  await box.ok(["submit", "long", "--wait"], { cwd });
  deepEqual(trained(cwd, "long"), TWELVE);
  const { runs } = await statusOf(box, cwd, "long");
  ok(runs[0].stages.train.attempt > 1, JSON.stringify(runs[0].stages));
  equal(runs.length, 1);
  equal(runs[0].stages.eval.attempt, 1);
  match(
    (await box.ok(["logs", "long", "-e", "--type", "train"], { cwd })).out,
    /job 1 goes back into the queue\n(?:.*\n)*.*continues from .*epoch=\d+\.ckpt/,
  );
});

Deno.test("requeue: a run without a new checkpoint stops, and says why", async () => {
  await using box = new Sandbox();
  const cwd = await projectIn(box);
  const stuck = "resources: { time: '0:05', signal: USR1@3 }\nresume: requeue\nargs: none\n";
  writeExperiment(cwd, "stuck", `${stuck}command: sleep 300\ncheckpoint: ckpt\n`);
  writeExperiment(cwd, "spent", `${stuck}command: sleep 300\nmax_restarts: 1\n`);
  await box.ok(["submit", "stuck"], { cwd });
  equal((await box.run(["submit", "spent", "--wait"], { cwd })).code, 1);
  const [none, capped] = [await statusOf(box, cwd, "stuck"), await statusOf(box, cwd, "spent")];
  deepEqual(
    [none, capped].map(({ runs: [{ state, stages: { train } }] }) => [
      state,
      train.attempt,
      train.reason,
    ]),
    [
      ["timeout", 1, "time limit, and no new checkpoint since its start"],
      ["timeout", 2, "time limit, and max_restarts is used up"],
    ],
  );
});

Deno.test("resubmit: submit --wait continues until the run is complete", async () => {
  await using box = new Sandbox();
  const cwd = await projectIn(box);
  writeExperiment(cwd, "long", `${LONG}resume: resubmit\n`);
  await box.ok(["submit", "long", "--wait"], { cwd });
  deepEqual(trained(cwd, "long"), TWELVE);
  const { runs, submissions } = await statusOf(box, cwd, "long");
  equal(runs[0].stages.train.attempt, submissions.length);
  ok(submissions.length > 1, JSON.stringify(submissions));
});

Deno.test("resume goes on from the newest checkpoint, or from the one asked for", async () => {
  await using box = new Sandbox();
  const cwd = await projectIn(box);
  box.env.EPOCH_SECONDS = "0";
  writeExperiment(
    cwd,
    "exp",
    `command: 'export EPOCH_SECONDS=0; python3 train.py'
params: { epochs: 4 }
checkpoint: { dir: ckpt, param: resume_from }
`,
  );
  const wait = async () => {
    const ended = await untilStatus(box, cwd, "exp", ({ counts }) => counts.completed === 1);
    return ended.runs[0];
  };
  await box.ok(["submit", "exp", "--wait"], { cwd });
  const nothing = await box.ok(["resume", "exp"], { cwd });
  match(nothing.out, /nothing to submit/);
  await box.ok(["resume", "exp/0", "--epoch", "2"], { cwd });
  equal((await wait()).state, "completed");
  deepEqual(trained(cwd, "exp"), [1, 2, 3, 4, 3, 4]);
  const aside = join(cwd, "experiments", "runs", "exp", "0", ".previous.2");
  deepEqual([...Deno.readDirSync(aside)].map(({ name }) => name).sort(), [
    "epoch=3.ckpt",
    "epoch=4.ckpt",
  ]);
  await box.ok(["resume", "exp/0", "--from", "ckpt/epoch=3.ckpt"], { cwd });
  equal((await wait()).stages.train.attempt, 3);
  deepEqual(trained(cwd, "exp"), [1, 2, 3, 4, 3, 4, 4]);
  const { code, err } = await box.run(["resume", "exp/0", "--epoch", "9"], { cwd });
  equal(code, 4);
  match(err, /Cannot resume run 0 from epoch 9: no such checkpoint\nhint: it has epoch=4.ckpt,/);
});

Deno.test("chain: jobs one after the other, one run with attempts", async () => {
  await using box = new Sandbox();
  const cwd = await projectIn(box);
  writeExperiment(cwd, "long", `${LONG}chain: 5\n`);
  await box.ok(["submit", "long", "--wait"], { cwd });
  deepEqual(trained(cwd, "long"), TWELVE);
  const { runs } = await statusOf(box, cwd, "long");
  equal(runs.length, 1);
  equal(runs[0].stages.train.chain.length, 5);
  ok(runs[0].stages.train.attempt > 1 && runs[0].stages.train.attempt < 5);
});

Deno.test("chain: a failure ends it, and so does a cancellation", async () => {
  await using box = new Sandbox();
  const cwd = await projectIn(box);
  writeExperiment(
    cwd,
    "bad",
    `stages:
  train: { command: "echo once >> {run.dir}/trained; exit 3", chain: 3 }
  eval: { command: "touch {run.dir}/evaluated", after: train }
args: none
`,
  );
  writeExperiment(cwd, "gone", "command: sleep 300\nargs: none\nchain: 3\n");
  await box.ok(["submit", "gone"], { cwd });
  await box.ok(["cancel", "gone"], { cwd });
  equal((await box.run(["submit", "bad", "--wait"], { cwd })).code, 1);
  const { runs: [{ stages: { train } }] } = await untilStatus(
    box,
    cwd,
    "bad",
    ({ runs }) => runs[0].stages.eval.state === "skipped",
  );
  deepEqual([train.state, train.attempt, train.reason], ["failed", 1, "exit code 3"]);
  const folder = join(cwd, "experiments", "runs", "bad", "0");
  equal(Deno.readTextFileSync(join(folder, "trained")), "once\n");
  await untilStatus(box, cwd, "gone", ({ counts }) => counts.cancelled === 1);
  ok(!existsSync(join(folder, "evaluated")));
});
