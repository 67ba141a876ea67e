/**
 * What Slurm does that a tool falls for, one step a trap: each shows that this Slurm does it, and
 * what expflow makes of it. Those that need a whole submission are in traps_run_test.ts. Tested
 * elsewhere: a controller that hangs, stops, comes back or forgets (alone/),
 * time limits kept late and warnings given early (the limit in tests/schedulers/conformance.ts),
 * memory limits (truth_test.ts; polled ones in slurm_parsers_test.ts), 120 s at MaxJobCount
 * (topup_test.ts).
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { SchedulerError, UncertainSubmissionError } from "../../lib/core/errors.ts";
import { ask, type SlurmPorts } from "../../lib/schedulers/slurm/call.ts";
import { readSubmission } from "../../lib/schedulers/slurm/refusals.ts";
import { parseSacct, sacctCommand } from "../../lib/schedulers/slurm/sacct.ts";
import type { SlurmScheduler } from "../../lib/schedulers/slurm/slurm_scheduler.ts";
import { epochSeconds, systemClock } from "../../lib/system/clock.ts";
import type { Command, Reply } from "../../lib/system/runner.ts";
import { Lab as Words } from "../schedulers/conformance_lab.ts";
import { type Lab, labRunner, openSlurm, runningLabs } from "./bench.ts";

interface Scene {
  words: Words;
  lab: Lab;
  scheduler: SlurmScheduler;
  /** A command as alice. */
  alice(...argv: Command["argv"]): Promise<Reply>;
  root(...argv: Command["argv"]): Promise<Reply>;
}

/** Ids that no controller of a lab comes to. */
const GONE = ["99999997", "99999998"] as const;

function uniqueName(): string {
  return `trap-${crypto.randomUUID().slice(0, 8)}`;
}

const TRAPS: Record<string, (scene: Scene) => Promise<void>> = {
  // Answer: ask() in call.ts takes an error without a row for no answer.
  "squeue ends with 0 after a field that it does not know": async ({ lab, alice }) => {
    const argv: Command["argv"] = ["squeue", "-h", "--me", "--Format=nosuch:|"];
    equal((await alice(...argv)).code, 0);
    const ports: SlurmPorts = {
      runner: labRunner(lab.root),
      clock: systemClock,
      env: {},
      random: () => 0,
    };
    const answer = await ask(ports, argv);
    ok(!answer.ok, "an error was taken for an empty queue");
    match(answer.why, /Invalid job format specification/);
  },

  // Answer: NO_SUCH_JOB and whyNot(): not in the queue is one word among several, and no end.
  "squeue has an error for one forgotten id, and silence for several": async (scene) => {
    const { words, scheduler, alice } = scene;
    const [one, two] = GONE;
    equal((await alice("squeue", "-h", "-j", one)).code, 1);
    const silent = await alice("squeue", "-h", "-j", GONE.join());
    deepEqual([silent.code, silent.stdout], [0, ""]);
    const live = await words.submit([], "sleep 60");
    for (const asked of [[one], [one, two], [live, one, two]]) {
      const states = await scheduler.states(asked);
      for (const id of [one, two].filter((id) => asked.includes(id))) {
        const report = states.get(id)!;
        deepEqual(
          [report.known, !report.known && report.why],
          [false, "neither the queue nor accounting has it"],
        );
      }
      if (asked.includes(live)) ok(states.get(live)?.known);
    }
    await scheduler.cancel([{ job: live }]);
  },

  // Answer: the guard of the script, and readSubmission(); see traps_run_test.ts.
  "afterok of a forgotten job runs the dependent, or is refused": async (scene) => {
    const { words, lab, alice } = scene;
    const script = words.script(["--output=/dev/null"], ": >dependent-ran");
    const option = `--dependency=afterok:${GONE[0]}`;
    const reply = await alice("sbatch", "--parsable", "--kill-on-invalid-dep=yes", option, script);
    if (lab.version.startsWith("22.")) {
      equal((await words.end(reply.stdout.trim())).state, "COMPLETED");
      ok(words.exists("dependent-ran"));
      return;
    }
    match(reply.stderr, /Job dependency problem/);
    const refusal = readSubmission(script, reply);
    ok(refusal instanceof SchedulerError && !(refusal instanceof UncertainSubmissionError));
    match(refusal.hint!, /submit again/);
  },

  // Answer: cancel() promises nothing, and states() stays with what is known.
  "scancel of an unknown id is silent": async ({ scheduler, alice }) => {
    const reply = await alice("scancel", GONE[0]);
    deepEqual([reply.code, reply.stdout, reply.stderr], [0, "", ""]);
    await scheduler.cancel([{ job: GONE[0] }]);
    equal((await scheduler.states([GONE[0]])).get(GONE[0])?.known, false);
  },

  // Answer: sacctCommand() gives a window its end and names every state.
  "sacct's windows leave out jobs cancelled before they could start": async (scene) => {
    const { words, lab, scheduler, alice } = scene;
    const name = uniqueName();
    const held = await words.submit([`--job-name=${name}`, "--hold"], "true");
    await scheduler.cancel([{ job: held }]);
    const question = sacctCommand({ name, secondsBack: 600 }) as string[];
    const found = await words.until("accounting has it", async () => {
      const { stdout } = await alice(...question as Command["argv"]);
      return stdout.includes("CANCELLED") && stdout;
    });
    match(found, new RegExp(`^${held}\\|CANCELLED by `));
    const without = async (option: RegExp) => {
      const argv = question.filter((word) => !option.test(word)) as Command["argv"];
      return (await alice(...argv)).stdout;
    };
    equal(await without(/^--state=/), "", "sacct has mended its windows: without a state");
    if (lab.version.startsWith("22.")) equal(await without(/^--endtime=/), "");
    deepEqual(await scheduler.findByName(name), [held]);
  },

  // Answer: isRefused() in lookup.ts.
  "a refused submission is in accounting as FAILED": async ({ words, lab, scheduler, alice }) => {
    const name = uniqueName();
    const script = words.script([`--job-name=${name}`, "--mem=9999G"], "true");
    equal((await alice("sbatch", "--parsable", script)).code, 1);
    if (lab.version.startsWith("22.")) {
      const named: Command["argv"] = ["sacct", "-nXP", `--name=${name}`, "-S", "now-600seconds"];
      await words.until("accounting has it", async () => {
        const { stdout } = await alice(...named, "-E", "now", "-s", "F", "-o", "state,exitcode");
        return stdout === "FAILED|1:0\n";
      });
    }
    deepEqual(await scheduler.findByName(name, epochSeconds(systemClock) - 5), []);
    const accepted = await words.submit([`--job-name=${name}`], "true");
    deepEqual(await scheduler.findByName(name), [accepted]);
  },

  // Answer: squeueCommand() separates by |, and splitRow() counts fields.
  "reasons have commas and spaces": async ({ words, scheduler, root }) => {
    const reservation = uniqueName();
    const made = await root(
      ...["scontrol", "create", "reservation", `ReservationName=${reservation}`] as const,
      ...["Nodes=cpu03", "StartTime=now", "Duration=5", "Users=root"],
      "Flags=MAINT,IGNORE_JOBS",
    );
    equal(made.code, 0, made.stderr);
    try {
      const job = await words.submit(["--nodelist=cpu03", "--job-name='a | name, with'"], "true");
      const reason = await words.until("it waits for the node", async () => {
        const [task] = await words.tasks(job);
        equal(task!.state, "PENDING");
        return task!.reason?.startsWith("ReqNodeNotAvail") && task!.reason;
      });
      match(reason, /^ReqNodeNotAvail, (May be reserved for other job|Reserved for maintenance)$/);
      await scheduler.cancel([{ job }]);
    } finally {
      await root("scontrol", "delete", `ReservationName=${reservation}`);
    }
  },

  // Answer: states() has the reason; a job that is accepted is not one that can run.
  "a QOS accepts what it will never start": async ({ words, scheduler }) => {
    const job = await words.submit(["--qos=shortwall", "--time=30"], "true");
    const task = await words.until("Slurm says why", async () => {
      const [task] = await words.tasks(job);
      return task!.reason?.startsWith("QOS") && task;
    });
    deepEqual([task.state, task.reason], ["PENDING", "QOSMaxWallDurationPerJobLimit"]);
    await scheduler.cancel([{ job }]);
  },

  // Answer: readStartEstimate() reads stderr; the id in it is never taken for a job.
  "sbatch --test-only speaks on stderr, and takes an id": async ({ words, scheduler, alice }) => {
    const script = words.script(["--hold"], "true");
    const before = Number(await scheduler.submit({ script, dependencies: [] }));
    const reply = await alice("sbatch", "--test-only", script);
    deepEqual([reply.code, reply.stdout], [0, ""]);
    const estimate = await scheduler.testStart({ script: words.script([], "x"), dependencies: [] });
    ok(estimate.kind === "start" && Math.abs(estimate.epoch - Date.now() / 1000) < 3600);
    const after = Number(await scheduler.submit({ script, dependencies: [] }));
    ok(after > before + 1, "it took no id");
    await scheduler.cancel([{ job: `${before}` }, { job: `${after}` }]);
  },

  // Answer: readSaid() in sighting.ts knows signal 53.
  "a bad folder or output path is FAILED 0:53, without a word": async ({ words, alice }) => {
    for (const directive of ["--output=/nosuch/x.out", "--chdir=/nosuch"]) {
      const job = await words.submit([directive], "true");
      const task = await words.end(job);
      deepEqual([task.state, task.exitCode, task.signal, task.reason], [
        ...["FAILED", undefined, undefined, "JobLaunchFailure"],
      ], directive);
      const recorded = await words.until("accounting has it, by its numbers only", async () => {
        const { stdout } = await alice(...sacctCommand({ jobs: [job] }));
        return /\|FAILED\|0:53\|/.test(stdout) && parseSacct(stdout)[0];
      });
      equal(recorded.said.reason, "JobLaunchFailure");
    }
  },
};

const labs = await runningLabs();
for (const lab of labs) {
  const as = (user: string) => (...argv: Command["argv"]) => {
    const env = { SLURM_TIME_FORMAT: "%s" };
    return labRunner(lab.root, user).run({ argv, env, cwd: "/", timeoutMs: 60_000 });
  };

  Deno.test({
    name: `traps of Slurm ${lab.version}`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async (t) => {
      const bench = openSlurm(lab);
      const words = new Words(bench);
      const { scheduler } = bench;
      const scene = { words, lab, scheduler, alice: as("alice"), root: as("root") };
      try {
        for (const [title, run] of Object.entries(TRAPS)) await t.step(title, () => run(scene));
      } finally {
        await bench.close();
      }
    },
  });
}

if (labs.length === 0) {
  console.warn("NOT RUN: traps of Slurm (no lab answers; tests/slurm/cluster.sh up, as root)");
  Deno.test({ name: "traps of Slurm", ignore: true, fn: () => {} });
}
