import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";

/**
 * Trains an epoch a second, and writes the number of each into a checkpoint and into `trained`; at
 * the warning it ends after the epoch it is in.
 */
export const TRAINER = `import argparse, os, signal, sys, time
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
parser.add_argument("--resume_from")
args = parser.parse_args()
warned = []
signal.signal(signal.SIGUSR1, lambda *_: warned.append(1))
out = os.environ["EXPFLOW_RUN_DIR"]
os.makedirs(f"{out}/ckpt", exist_ok=True)
done = int(open(args.resume_from).read()) if args.resume_from else 0
for epoch in range(done + 1, args.epochs + 1):
    time.sleep(float(os.environ.get("EPOCH_SECONDS", "0.5")))
    with open(f"{out}/ckpt/epoch={epoch}.ckpt.tmp", "w") as file:
        file.write(str(epoch))
    os.replace(f"{out}/ckpt/epoch={epoch}.ckpt.tmp", f"{out}/ckpt/epoch={epoch}.ckpt")
    print(epoch, file=open(f"{out}/trained", "a"))
    if warned and epoch < args.epochs:
        sys.exit(3)
`;

const LONG = `command: python3 train.py
params: { epochs: 8 }
resources: { time: "0:05", signal: USR1@3 }
checkpoint: { dir: ckpt, param: resume_from }
`;

/** A project with the trainer. */
async function projectIn(box: Sandbox): Promise<string> {
  const cwd = await box.project();
  Deno.writeTextFileSync(join(cwd, "train.py"), TRAINER);
  return cwd;
}

function trained(cwd: string, id: string): number[] {
  const text = Deno.readTextFileSync(join(cwd, "experiments", "runs", id, "0", "trained"));
  return text.trim().split("\n").map(Number);
}

const EIGHT = [1, 2, 3, 4, 5, 6, 7, 8];

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
  deepEqual(trained(cwd, "long"), EIGHT);
  const { runs } = await statusOf(box, cwd, "long");
  ok(runs[0].stages.train.attempt > 1, JSON.stringify(runs[0].stages));
  equal(runs.length, 1);
  equal(runs[0].stages.eval.attempt, 1);
  match(
    (await box.ok(["logs", "long", "-e", "--type", "train"], { cwd })).out,
    /job 1 goes back into the queue\n(?:.*\n)*.*continues from .*epoch=\d\.ckpt/,
  );
});

Deno.test("requeue: a run without a new checkpoint stops, and says why", async () => {
  await using box = new Sandbox();
  const cwd = await projectIn(box);
  const stuck = "resources: { time: '0:03', signal: USR1@2 }\nresume: requeue\nargs: none\n";
  writeExperiment(cwd, "stuck", `${stuck}command: sleep 20\ncheckpoint: ckpt\n`);
  writeExperiment(cwd, "spent", `${stuck}command: sleep 20\nmax_restarts: 1\n`);
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
  deepEqual(trained(cwd, "long"), EIGHT);
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
    for (let tries = 0; tries < 100; tries++) {
      const { runs, counts } = await statusOf(box, cwd, "exp");
      if (!counts.running && !counts.pending) return runs[0];
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("the run does not end");
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
