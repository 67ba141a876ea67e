import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { SchedulerError, UncertainSubmissionError } from "../../../lib/core/errors.ts";
import type { SlurmScheduler } from "../../../lib/schedulers/slurm/slurm_scheduler.ts";
import { epochSeconds, systemClock } from "../../../lib/system/clock.ts";
import { Lab as Words } from "../../schedulers/conformance_lab.ts";
import { controlLab, freeze, type Lab, labRunner, openSlurm, runningLabs } from "../bench.ts";

const TITLE = "SlurmScheduler on a real Slurm when things break";

/** `ended` is a job that ended before the first fault: the queue forgets it after a minute or two. */
type Fault = (
  words: Words,
  lab: Lab,
  scheduler: SlurmScheduler,
  ended: string,
) => Promise<void>;

function uniqueName(): string {
  return `lab-${crypto.randomUUID().slice(0, 8)}`;
}

const FAULTS: Record<string, Fault> = {
  "ends that Slurm brings about have their own states": async (words, { root }) => {
    const memory = await words.submit(["--mem=30"], "head -c 300M /dev/zero | tail");
    const low = ["--partition=preempt", "--nodelist=cpu04", "--exclusive", "--no-requeue"];
    const preempted = await words.submit(low, ": >low-runs; sleep 60");
    const byRoot = await words.submit([], ": >root-cancels; sleep 60");
    await words.appears("low-runs");
    await words.appears("root-cancels");
    await labRunner(root, "root").run({ argv: ["scancel", byRoot] });
    const high = ["--partition=short", "--nodelist=cpu04", "--exclusive"];
    const above = await words.submit(high, "true");
    equal((await words.end(memory)).state, "OUT_OF_MEMORY");
    await words.until("it is preempted", async () => {
      const [task] = await words.tasks(preempted);
      return task!.state === "PREEMPTED";
    });
    equal((await words.end(above)).state, "COMPLETED");
    const ended = await words.until("accounting says who", async () => {
      const task = await words.end(byRoot);
      return task.reason !== undefined && task;
    });
    deepEqual([ended.state, ended.reason], ["CANCELLED", "cancelled by user 0"]);
  },

  "a submission that failed while the controller hung is found, and was one": async (
    words,
    lab,
    scheduler,
  ) => {
    const name = uniqueName();
    const script = words.script([`--job-name=${name}`, "-o hung.out"], "echo ran");
    const before = epochSeconds(systemClock);
    const thaw = await freeze(lab, "slurmctld");
    try {
      await rejects(scheduler.submit({ script, dependencies: [] }), UncertainSubmissionError);
      await rejects(scheduler.findByName(name), SchedulerError);
    } finally {
      thaw();
    }
    const [job, ...others] = await words.until("the job is found", async () => {
      const found = await scheduler.findByName(name).catch(() => []);
      return found.length > 0 && found;
    });
    deepEqual(others, []);
    const task = await words.end(job!);
    equal(task.state, "COMPLETED");
    ok(task.submitted! >= before);
    equal(words.read("hung.out"), "ran\n");
  },

  "without a controller nothing is claimed": async (words, lab, scheduler) => {
    const done = await words.submit([], "exit 3");
    const live = await words.submit([], "sleep 600");
    await words.end(done);
    // whole: a record that has only its end so far is not believed
    const sacct: [string, ...string[]] = ["sacct", "-nXPj", done, "-o", "state,jobname"];
    await words.until("accounting has it", async () => {
      const { stdout } = await labRunner(lab.root).run({ argv: sacct });
      return /^FAILED\|script/.test(stdout);
    });
    await controlLab(lab, "stop", "slurmctld");
    try {
      const script = words.script([], "true");
      const [states] = await Promise.all([
        scheduler.states([done, live]),
        rejects(scheduler.submit({ script, dependencies: [] }), UncertainSubmissionError),
        rejects(scheduler.cancel([{ job: live }]), SchedulerError),
        rejects(scheduler.requeue({ job: live }), SchedulerError),
        rejects(scheduler.findByName(uniqueName()), SchedulerError),
        rejects(scheduler.topology(), SchedulerError),
        scheduler.testStart({ script, dependencies: [] }).then(({ kind }) =>
          equal(kind, "unknown")
        ),
      ]);
      const past = states.get(done);
      ok(past?.known, JSON.stringify(past));
      deepEqual([past.tasks[0]!.state, past.tasks[0]!.exitCode], ["FAILED", 3]);
      const unknown = states.get(live);
      ok(unknown && !unknown.known);
      match(unknown.why, /squeue: .*slurm controller/);
    } finally {
      await controlLab(lab, "start", "slurmctld");
    }
    equal((await words.tasks(live))[0]!.state, "RUNNING");
    await scheduler.cancel([{ job: live }]);
    equal((await words.end(live)).state, "CANCELLED");
  },

  "without slurmdbd jobs run, and what the queue forgot is unknown": async (
    words,
    lab,
    scheduler,
    forgotten,
  ) => {
    await controlLab(lab, "stop", "slurmdbd");
    try {
      const name = uniqueName();
      const job = await words.submit([`--job-name=${name}`], "exit 5");
      const task = await words.end(job);
      deepEqual([task.state, task.exitCode], ["FAILED", 5]);
      deepEqual(await scheduler.findByName(name), [job]);
      const now = epochSeconds(systemClock);
      deepEqual(await scheduler.findByName(uniqueName(), now), []);
      await rejects(scheduler.findByName(uniqueName()), /Cannot tell/);
      const why = await words.until("the queue forgets", async () => {
        const report = (await scheduler.states([forgotten])).get(forgotten);
        return report && !report.known && report.why;
      });
      match(why, /not in the queue any more, and sacct: /);
    } finally {
      await controlLab(lab, "start", "slurmdbd");
    }
    await words.until("the records arrive", async () => {
      const report = (await scheduler.states([forgotten])).get(forgotten);
      return report?.known && report.tasks[0]!.state === "COMPLETED";
    });
  },
};

const labs = await runningLabs();
for (const lab of labs) {
  Deno.test({
    name: `SlurmScheduler on Slurm ${lab.version} when things break`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async (t) => {
      const bench = await openSlurm(lab);
      const words = new Words(bench);
      try {
        const ended = await words.submit([], "true");
        await words.end(ended);
        for (const [title, run] of Object.entries(FAULTS)) {
          await t.step(title, () => run(words, lab, bench.scheduler, ended));
        }
      } finally {
        await bench.close();
      }
    },
  });
}

if (labs.length === 0) {
  console.warn(`NOT RUN: ${TITLE} (no lab answers; tests/slurm/cluster.sh up, as root)`);
  Deno.test({ name: TITLE, ignore: true, fn: () => {} });
}
