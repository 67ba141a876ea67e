/** Traps of Slurm that are a whole submission's affair; the others are in traps_test.ts. */
import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { asRoot, labIsUp, LabUser } from "./lab.ts";

/** The controller forgets what ended between MinJobAge and a minute more ago. */
const PURGE_SECONDS = 240;

/**
 * A training that ends with `code`, and what comes after it. Each start leaves a trace, where the
 * next attempt does not clean up.
 */
function twoStages(code: number, trace: string): string {
  return `stages:
  train: 'echo t >> ${trace}; exit ${code}'
  eval: { command: 'echo e >> ${trace}', after: train, args: none }
args: none
`;
}

function statesOf(status: { runs: { stages: Record<string, { state: string }> }[] }): string[] {
  return Object.values(status.runs[0]!.stages).map(({ state }) => state);
}

async function purged(job: string): Promise<void> {
  for (const end = Date.now() + PURGE_SECONDS * 1000; Date.now() < end;) {
    if ((await asRoot("squeue", "-h", "-j", job)).err.includes("Invalid job id")) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error(`job ${job} is still known after ${PURGE_SECONDS} s`);
}

// Answers: the guard in the script (GUARD in lib/script/claiming.ts), as 22.05 starts a dependent
// whose predecessor failed and is forgotten; Predecessors in lib/submission, as 24.11 refuses it even
// if that one succeeded.
async function afterPurge(alice: LabUser, cwd: string): Promise<() => Promise<void>> {
  const path = alice.pathWith(
    "sbatch",
    'case "$*" in *eval.*) kill -KILL $PPID; exit 1;; esac\nexec /usr/bin/sbatch "$@"\n',
  );
  const codes = { bad: 3, good: 0 };
  for (const [id, code] of Object.entries(codes)) {
    alice.write(cwd, id, twoStages(code, join(alice.scratch, id)));
    equal((await alice.run(["submit", id], cwd, path)).code, 137);
  }
  return async () => {
    for (const id of Object.keys(codes)) {
      const { runs } = await alice.status(cwd, id);
      await purged(runs[0].stages.train.job);
      const { code } = await alice.run(["submit", id, "--wait"], cwd);
      const state = statesOf(await alice.status(cwd, id));
      const trace = Deno.readTextFileSync(join(alice.scratch, id));
      // to submit a failed run is to train it again
      deepEqual(
        [code, state, trace],
        id === "good"
          ? [0, ["completed", "completed"], "t\ne\n"]
          : [1, ["failed", "skipped"], "t\nt\n"],
      );
    }
  };
}

/** Of `enum job_states` in slurm.h, in both versions. */
const BOOT_FAIL = 9;

/**
 * A run of which only accounting is left, which says BOOT_FAIL. No node of the lab can fail to boot:
 * the word is written into the database, and what is tested is all that follows from there.
 */
async function neverBooted(alice: LabUser, cwd: string): Promise<() => Promise<void>> {
  alice.write(cwd, "boot", "command: sleep 300\nargs: none\nresources: { requeue: false }\n");
  await alice.ok(["submit", "boot"], cwd);
  const { runs } = await alice.until(cwd, "boot", ({ counts }) => counts.running === 1);
  const job: string = runs[0].stages.train.job;
  await alice.do(["scancel", job]);
  await accounted(job, "CANCELLED by 2001");
  const sql = `update testcluster_job_table set state=${BOOT_FAIL} where id_job=${job}`;
  const socket = "--socket=/tmp/expflow-lab/run/mysql/sock";
  const { code, err } = await asRoot(
    ...["mariadb", "--no-defaults", "--protocol=socket", socket, "-u", "root"],
    ...["slurm_acct_db", "-e", sql],
  );
  equal(code, 0, err);
  await accounted(job, "BOOT_FAIL");
  return async () => {
    await purged(job);
    const { runs } = await alice.status(cwd, "boot");
    const { state, schedulerState } = runs[0].stages.train;
    deepEqual([state, schedulerState], ["node_fail", "BOOT_FAIL"]);
  };
}

async function accounted(job: string, state: string): Promise<void> {
  let out = "";
  for (let tries = 0; tries < 60; tries++) {
    ({ out } = await asRoot("sacct", "-X", "-n", "-P", "-o", "state", "-j", job));
    if (out.trim() === state) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`sacct says ${out} of job ${job}, not ${state}`);
}

Deno.test({
  name: "traps of Slurm, met by a submission",
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    const continueAfterPurge = await afterPurge(alice, cwd);
    const lookAfterPurge = await neverBooted(alice, cwd);

    // Answer: --kill-on-invalid-dep=yes in sbatch.ts, and DependencyNeverSatisfied in fold.ts.
    await t.step("what can never start is not pending for ever", async () => {
      alice.write(cwd, "never", twoStages(3, "trace").replace("exit", "sleep 2; exit"));
      await alice.ok(["submit", "never"], cwd);
      const { runs } = await alice.until(
        cwd,
        "never",
        (status) => statesOf(status).join() === "failed,skipped",
      );
      equal(runs[0].stages.eval.reason, "DependencyNeverSatisfied");
      const { out } = await asRoot("squeue", "-h", "-j", runs[0].stages.eval.job);
      equal(out, "", "the dependent is still in the queue");
    });

    // Answer: --open-mode=append in lib/script/directives.ts.
    await t.step("output is not truncated when a run starts again", async () => {
      const command = "echo attempt $EXPFLOW_ATTEMPT; [ $EXPFLOW_ATTEMPT = 2 ] || sleep 300";
      alice.write(
        cwd,
        "again",
        `command: '${command}'\nargs: none\nresources: { requeue: true }\n`,
      );
      await alice.ok(["submit", "again"], cwd);
      const printed = async () => (await alice.run(["logs", "again"], cwd)).out;
      const { runs } = await alice.until(cwd, "again", ({ counts }) => counts.running === 1);
      await alice.untilSaid(cwd, "again", "attempt 1");
      const requeued = await alice.do(["scontrol", "requeue", runs[0].stages.train.job]);
      equal(requeued.code, 0, requeued.err);
      await alice.until(cwd, "again", ({ counts }) => counts.completed === 1);
      equal(await printed(), "attempt 1\nattempt 2\n");
    });

    // Answer: withoutWord() in fold.ts; a request to cancel is no cancellation.
    await t.step("a job that Slurm does not know is not said to be cancelled", async () => {
      const ghost = alice.pathWith(
        "sbatch",
        'case "$*" in *--version*) exec /usr/bin/sbatch --version;; esac\necho 99999998\n',
      );
      alice.write(cwd, "ghost", "command: 'true'\nargs: none\n");
      await alice.ok(["submit", "ghost"], cwd, ghost);
      const { out } = await alice.ok(["cancel", "ghost"], cwd);
      equal(out, "ghost: asked to cancel 1 runs\n");
      const { runs } = await alice.status(cwd, "ghost");
      const { state, reason } = runs[0].stages.train;
      equal(state, "unknown");
      match(reason, /^neither the queue nor accounting has it/);
    });

    // Answer: EXPLANATIONS in fold.ts.
    await t.step("a log that cannot be opened is told in words", async () => {
      const path = alice.pathWith(
        "sbatch",
        'rm -r experiments/logs/shut; : >experiments/logs/shut\nexec /usr/bin/sbatch "$@"\n',
      );
      alice.write(cwd, "shut", "command: 'true'\nargs: none\n");
      await alice.ok(["submit", "shut"], cwd, path);
      const { runs } = await alice.until(cwd, "shut", ({ counts }) => counts.failed === 1);
      match(runs[0].stages.train.reason, /^JobLaunchFailure: the node could not open .* its log$/);
    });

    await t.step("a job that was forgotten: no eval after a failed train", continueAfterPurge);
    await t.step(
      "BOOT_FAIL, where only accounting is left, is the failure of a node",
      lookAfterPurge,
    );
  },
});
