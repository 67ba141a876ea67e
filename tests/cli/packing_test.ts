/** Several runs in one job, on the local scheduler. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { namesIn } from "../../lib/system/files.ts";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";

// deno-lint-ignore no-explicit-any
type Told = any;

/** `run: state` of each, with its attempt where it is not the first. */
function told({ runs }: Told, stage = "train"): string[] {
  return runs.map(({ run, state, stages }: Told) => {
    const { attempt } = stages[stage];
    return `${run} ${state}${attempt > 1 ? ` (${attempt})` : ""}`;
  });
}

async function until(
  box: Sandbox,
  cwd: string,
  id: string,
  wanted: (status: Told) => boolean,
): Promise<Told> {
  for (let tries = 0;; tries++) {
    const status = await statusOf(box, cwd, id);
    if (wanted(status)) return status;
    ok(tries < 100, JSON.stringify(status));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Processes of a run: its program, the shell that watches it, and the shell of the job. */
function pidsOf(cwd: string, id: string, index: number) {
  const file = join(cwd, "experiments", "runs", id, String(index), "pids");
  const [program, job] = Deno.readTextFileSync(file).trim().split(" ").map(Number);
  const stat = Deno.readTextFileSync(`/proc/${program}/stat`);
  const watcher = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  return { program: program!, watcher, job: job! };
}

function logs(cwd: string, id: string, submission = "001"): string[] {
  return namesIn(join(cwd, "experiments", "logs", id, submission)).sort();
}

Deno.test("runs share jobs: each has its own claim, log, folder and state", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "many",
    `stages:
  train: echo "{params.x} as $EXPFLOW_RUN"; test {params.x} != 3
  eval: { command: "cat {run.dir}/params.json", after: train }
args: none
resources: { runs_per_job: 3, time: "1:00" }
sweep: { grid: { x: "0:6:1" } }
`,
  );
  const preview = await box.ok(["submit", "many", "--dry-run"], { cwd });
  match(preview.err, /train: up to 3 runs a job, 1 at once; time limit 3 × 00:01:00 = 00:03:00/);
  match(preview.err, /eval starts when jobs of train have ended whole/);
  match(preview.out, /train\.0\.sbatch .*\(3 tasks, 7 runs\)\n.*eval.*after: afterany many\.train/);
  equal((await box.run(["submit", "many", "--wait"], { cwd })).code, 1);
  const status = await statusOf(box, cwd, "many");
  deepEqual(
    status.runs.map(({ state, stages: { train, eval: last } }: Told) => [
      state,
      train.task,
      train.exitCode,
      last.state,
    ]),
    [0, 1, 2, 3, 4, 5, 6].map((run) => [
      run === 3 ? "failed" : "completed",
      run - run % 3,
      run === 3 ? 1 : 0,
      run === 3 ? "skipped" : "completed",
    ]),
  );
  equal((await box.ok(["logs", "many/5", "--type", "train"], { cwd })).out, "5 as 5\n");
  match((await box.run(["why", "many/3"], { cwd })).out, /exit code 1[^]*train\.3\.out:1: 3 as 3/);
  const written = logs(cwd, "many").filter((name) => name.startsWith("train."));
  equal(written.length, 2 * (7 + 3), written.join());
  const claims = namesIn(join(cwd, "experiments", "state", "many", "001", "claims"));
  equal(claims.length, 14);
  const again = await box.ok(["submit", "many", "--dry-run"], { cwd });
  match(again.out, /train\.0\.sbatch .*\(1 runs\)/);
});

Deno.test("runs at once share the GPUs and are told their slot", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "slots",
    `command: |
  echo "$EXPFLOW_SLOT:$CUDA_VISIBLE_DEVICES:$OMP_NUM_THREADS" > {run.dir}/slot
  sleep 0.5
args: none
resources: { runs_per_job: 4, runs_at_once: 2, cpus_per_task: 2 }
sweep: { grid: { x: "0:3:1" } }
`,
  );
  await box.ok(["submit", "slots", "--wait"], { cwd });
  const { runs } = await statusOf(box, cwd, "slots");
  const read = (run: number) =>
    Deno.readTextFileSync(join(cwd, "experiments", "runs", "slots", String(run), "slot")).trim();
  deepEqual([0, 1].map(read), ["0::1", "1::1"]);
  deepEqual([2, 3].map(read).sort(), ["0::1", "1::1"]);
  const at = (run: number) => runs[run].stages.train;
  ok(at(0).started <= at(1).started && at(1).started <= at(0).ended, JSON.stringify(runs));
  ok(at(2).started >= Math.min(at(0).ended, at(1).ended), JSON.stringify(runs));
});

const SLEEPY = `command: |
  echo "$BASHPID $$" > {run.dir}/pids
  test {params.x} = 0 && test $EXPFLOW_ATTEMPT = 1 && sleep 60
  true
args: none
resources: { runs_per_job: 3 }
sweep: { grid: { x: "0:2:1" } }
`;

Deno.test("kill -9 of a run fails that run, and of the job all that it had not ended", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  await t.step("of the program", async () => {
    writeExperiment(cwd, "program", SLEEPY);
    await box.ok(["submit", "program"], { cwd });
    await until(box, cwd, "program", ({ counts }) => counts.running === 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    Deno.kill(-pidsOf(cwd, "program", 0).program, "SIGKILL");
    const status = await until(box, cwd, "program", ({ counts }) => counts.completed === 2);
    deepEqual(told(status), ["0 failed", "1 completed", "2 completed"]);
    equal(status.runs[0].stages.train.exitCode, 137);
  });
  await t.step("of what watches it", async () => {
    writeExperiment(cwd, "watcher", SLEEPY);
    await box.ok(["submit", "watcher"], { cwd });
    await until(box, cwd, "watcher", ({ counts }) => counts.running === 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    Deno.kill(pidsOf(cwd, "watcher", 0).watcher, "SIGKILL");
    const status = await until(box, cwd, "watcher", ({ counts }) => counts.completed === 2);
    deepEqual(told(status), ["0 failed", "1 completed", "2 completed"]);
  });
  await t.step("of the job: what was not begun is not failed, and is submitted again", async () => {
    writeExperiment(cwd, "job", SLEEPY);
    await box.ok(["submit", "job"], { cwd });
    const before = await until(box, cwd, "job", ({ counts }) => counts.running === 1);
    deepEqual(told(before), ["0 running", "1 pending", "2 pending"]);
    match(before.runs[1].stages.train.reason, /waits for its turn/);
    await new Promise((resolve) => setTimeout(resolve, 500));
    Deno.kill(pidsOf(cwd, "job", 0).job, "SIGKILL");
    const status = await until(box, cwd, "job", ({ counts }) => counts.not_begun === 2);
    deepEqual(told(status), ["0 failed", "1 not_begun", "2 not_begun"]);
    equal(status.runs[1].stages.train.reason, "its job ended before its turn: FAILED");
    const { out } = await box.ok(["why", "job/1"], { cwd });
    match(out, /ended before its turn/);
    await box.ok(["submit", "job", "--wait"], { cwd });
    deepEqual(
      told(await statusOf(box, cwd, "job")),
      ["0 completed (2)", "1 completed (2)", "2 completed (2)"],
    );
  });
});

Deno.test("cancel ends one run of a job; the others go on", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(cwd, "some", SLEEPY);
  await box.ok(["submit", "some"], { cwd });
  await until(box, cwd, "some", ({ counts }) => counts.running === 1);
  const { err } = await box.ok(["cancel", "some/1"], { cwd });
  match(err, /share a job that goes on/);
  deepEqual(
    told(await statusOf(box, cwd, "some")),
    ["0 running", "1 cancelled", "2 pending"],
  );
  await box.ok(["cancel", "some/0"], { cwd });
  const status = await until(box, cwd, "some", ({ counts }) => counts.completed === 1);
  deepEqual(told(status), ["0 cancelled", "1 cancelled", "2 completed"]);
  deepEqual(logs(cwd, "some").filter((name) => name.endsWith(".out")), [
    "train.0.out",
    "train.2.out",
    "train.job-0.out",
  ]);
  writeExperiment(cwd, "all", SLEEPY);
  await box.ok(["submit", "all"], { cwd });
  await until(box, cwd, "all", ({ counts }) => counts.running === 1);
  const whole = await box.ok(["cancel", "all"], { cwd });
  equal(whole.err, "");
  const ended = await until(box, cwd, "all", ({ counts }) => counts.cancelled === 3);
  deepEqual(told(ended), ["0 cancelled", "1 cancelled", "2 cancelled"]);
});

Deno.test("near its time limit a job begins no run; submit --wait goes on with resubmit", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "short",
    `command: |
  test $EXPFLOW_ATTEMPT != 1 || sleep {params.s}
  echo $EXPFLOW_ATTEMPT >> {run.dir}/attempts
args: none
resources: { runs_per_job: 4, time: "0:02", signal: USR1@1 }
sweep: { zip: { s: [1, 20, 1, 1], x: [0, 1, 2, 3] } }
`,
  );
  equal((await box.run(["submit", "short", "--wait"], { cwd })).code, 1);
  const first = await statusOf(box, cwd, "short");
  deepEqual(told(first), ["0 completed", "1 timeout", "2 not_begun", "3 not_begun"]);
  equal(first.runs[2].stages.train.source, "marker");
  const file = join(cwd, "experiment_configs", "short.yaml");
  Deno.writeTextFileSync(file, `${Deno.readTextFileSync(file)}resume: resubmit\n`);
  await box.ok(["submit", "short", "--wait"], { cwd });
  deepEqual(
    told(await statusOf(box, cwd, "short")),
    ["0 completed", "1 completed (2)", "2 completed (2)", "3 completed (2)"],
  );
});
