import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { SchedulerError, UncertainSubmissionError } from "../../lib/core/errors.ts";
import { parseBacklog, parseConfig, parseNodes } from "../../lib/schedulers/slurm/cluster.ts";
import { formatJobId, parseJobId, parseSubmitted } from "../../lib/schedulers/slurm/job_id.ts";
import { readStartEstimate, readSubmission } from "../../lib/schedulers/slurm/refusals.ts";
import { parseSacct } from "../../lib/schedulers/slurm/sacct.ts";
import type { Sighting } from "../../lib/schedulers/slurm/sighting.ts";
import { parseSqueue } from "../../lib/schedulers/slurm/squeue.ts";
import { readState } from "../../lib/schedulers/slurm/states.ts";
import { formatTaskList, parseTaskList } from "../../lib/schedulers/slurm/task_list.ts";
import { askedJobs, fixture, fixtureNames, versions } from "./slurm_fixtures.ts";

type Expected = Partial<Sighting["said"]>[];

/** By the place of the job in the capture script's list. */
const ENDED: [string, Expected][] = [
  ["array", [
    { state: "COMPLETED", exitCode: 0 },
    { state: "FAILED", exitCode: 1 },
    { state: "FAILED", exitCode: 2 },
    { state: "FAILED", exitCode: 3 },
  ]],
  ["exit 7", [{ state: "FAILED", exitCode: 7, signal: undefined }]],
  ["waited in vain", [{
    state: "CANCELLED",
    reason: "DependencyNeverSatisfied",
    started: undefined,
    nodes: undefined,
  }]],
  ["cancelled while held", [{ state: "CANCELLED", started: undefined, nodes: undefined }]],
  ["over its time", [{ state: "TIMEOUT", nodes: "cpu01" }]],
  ["out of memory", [{ state: "OUT_OF_MEMORY", exitCode: undefined, signal: undefined }]],
  ["killed", [{ state: "FAILED", exitCode: undefined, signal: 9 }]],
  ["cancelled by root", [{ state: "CANCELLED", nodes: "cpu01" }]],
  ["preempted", [{ state: "PREEMPTED", nodes: "cpu04" }]],
  ["not launched", [{ state: "FAILED", signal: undefined, reason: "JobLaunchFailure" }]],
];

function saidOf(sightings: readonly Sighting[], job: string): Sighting["said"][] {
  return sightings.filter((sighting) => sighting.job === job)
    .toSorted((a, b) => (a.tasks?.[0] ?? 0) - (b.tasks?.[0] ?? 0)).map(({ said }) => said);
}

const PARSERS = { squeue: parseSqueue, sacct: parseSacct };

for (const version of versions) {
  for (const [program, parse] of Object.entries(PARSERS)) {
    Deno.test(`${program} of ${version}: how jobs end`, async (t) => {
      const recorded = fixture(version, `${program}-ended`);
      const jobs = askedJobs(recorded);
      const sightings = parse(recorded.reply.stdout);
      for (const [place, [title, expected]] of ENDED.entries()) {
        await t.step(title, () => {
          const said = saidOf(sightings, jobs[place]!);
          equal(said.length, expected.length);
          for (const [at, one] of expected.entries()) {
            for (const [key, value] of Object.entries(one)) {
              equal(said[at]![key as keyof Sighting["said"]], value, `${key} of ${at}`);
            }
            ok(said[at]!.submitted! > 1.7e9);
            ok(said[at]!.ended! >= said[at]!.submitted!);
          }
        });
      }
    });

    Deno.test(`${program} of ${version}: what lives`, () => {
      const recorded = fixture(version, `${program}-live`);
      const [running, sparse, array, partly, waits, requeued, moved] = askedJobs(recorded);
      const sightings = parse(recorded.reply.stdout);
      const [one] = sightings.filter(({ job }) => job === running);
      equal(one!.name, "odd|na,me x");
      equal(one!.tasks, undefined);
      deepEqual([one!.said.state, one!.said.ended], ["RUNNING", undefined]);
      const [all] = sightings.filter(({ job }) => job === sparse);
      deepEqual(
        all!.tasks,
        Array.from({ length: 500 }, (_, at) => 2 * at).concat(7).sort((a, b) => a - b),
      );
      equal(all!.said.state, "PENDING");
      equal(sightings.filter(({ job }) => job === array).length, 4);
      const rows = sightings.filter(({ job }) => job === partly);
      deepEqual(rows.map(({ tasks }) => tasks!).sort((a, b) => a[0]! - b[0]!), [
        [0],
        [1],
        [2, 3, 4, 8, 9],
      ]);
      const [waiting] = saidOf(sightings, waits!);
      equal(waiting!.state, "PENDING");
      if (program === "squeue") equal(waiting!.reason, "Dependency");
      equal(saidOf(sightings, requeued!).at(-1)!.state, "RUNNING");
      equal(saidOf(sightings, moved!).at(-1)!.state, "PENDING");
    });
  }

  Deno.test(`squeue of ${version} counts restarts`, () => {
    const later = fixture(version, "squeue-later");
    const [moved, requeued] = askedJobs(later).slice(-2);
    for (const job of [moved!, requeued!]) {
      const [said] = saidOf(parseSqueue(later.reply.stdout), job);
      deepEqual([said!.state, said!.restarts], ["RUNNING", 1]);
    }
  });

  Deno.test(`sacct of ${version} says who cancelled, and that a node failed`, () => {
    const ended = fixture(version, "sacct-ended");
    const byRoot = askedJobs(ended)[7]!;
    equal(saidOf(parseSacct(ended.reply.stdout), byRoot)[0]!.reason, "cancelled by user 0");
    const crashed = fixture(version, "sacct-crashed");
    const [lost, again] = askedJobs(crashed);
    const sightings = parseSacct(crashed.reply.stdout);
    deepEqual(saidOf(sightings, lost!).map(({ state }) => state), ["NODE_FAIL"]);
    equal(saidOf(sightings, again!).length, 2);
  });

  Deno.test(`sbatch of ${version}: accepted, refused or in doubt`, async (t) => {
    const hints: Record<string, RegExp> = {
      "partition": /resources\.partition/,
      "account": /resources\.account/,
      "account-partition": /resources\.account/,
      "qos": /resources\.qos/,
      "time": /resources\.time/,
      "array-too-large": /MaxArraySize/,
      "array-backwards": /MaxArraySize/,
      "memory": /memory/,
      "feature": /resources\.constraint/,
      "nodelist": /resources\.nodelist/,
      "reservation": /reservation/,
      "license": /licenses/,
      "dependency": /no longer known: submit again/,
      "qos-submit-limit": /too many jobs/,
      "account-submit-limit": /too many jobs/,
    };
    const names = fixtureNames(version).filter((name) => name.startsWith("sbatch-"));
    ok(names.length > 25);
    for (const name of names) {
      await t.step(name, () => {
        const kind = name.slice("sbatch-".length);
        const { reply } = fixture(version, name);
        const answer = readSubmission("/x.sh", reply);
        if (reply.code === 0) {
          match(String(answer), kind === "accepted-cluster" ? /^\d+@testcluster$/ : /^\d+$/);
          return;
        }
        ok(answer instanceof SchedulerError);
        match(answer.message, /^Cannot submit \/x\.sh: \w[^\n]*$/);
        const doubtful = ["hung", "refused-connection"].includes(kind);
        equal(answer instanceof UncertainSubmissionError, doubtful);
        match(answer.hint!, doubtful ? /may have been submitted/ : hints[kind] ?? /\w/);
      });
    }
  });

  Deno.test(`sbatch --test-only of ${version}`, () => {
    const read = (name: string) => readStartEstimate(fixture(version, name).reply);
    const start = read("test-start");
    ok(start.kind === "start" && start.epoch > 1.7e9 && start.nodes === "cpu01");
    for (const name of ["test-nodes", "test-partition", "test-time-words"]) {
      equal(read(name).kind, "refused", name);
    }
    equal(read("test-refused-connection").kind, "unknown");
  });

  Deno.test(`scontrol, sinfo and sdiag of ${version}`, () => {
    const text = (name: string) => fixture(version, name).reply.stdout;
    deepEqual(parseConfig(text("config")), {
      maxArrayTasks: 1000,
      minJobAge: 60,
      cluster: "testcluster",
      enforcesLimits: true,
    });
    const nodes = parseNodes(text("nodes"));
    deepEqual(nodes.map(({ name }) => name).sort(), [
      ...["cpu01", "cpu02", "cpu03", "cpu04", "gpu01", "gpu02", "gpu03", "gpu04"],
    ]);
    ok(nodes.every(({ cpus }) => cpus === 32));
    deepEqual(nodes.map(({ gpus }) => gpus).sort(), [0, 0, 0, 0, 2, 4, 4, 8]);
    ok(parseBacklog(text("statistics"))! >= 0);
  });
}

Deno.test("tables with half a row are no answer, banners are left aside", () => {
  const row = "12|N/A|N/A|RUNNING|0|0|1|2|3|n1|None|a name|";
  equal(parseSqueue(`Welcome to the cluster\n${row}\nCLUSTER: x\n`).length, 1);
  throws(() => parseSqueue(`${row}\n12|N/A|N/A|RUN\n`), RangeError);
  throws(() => parseSqueue(row), RangeError);
  throws(() => parseSqueue(row.replace("|N/A", "|1,3,...,9") + "\n"), RangeError);
  throws(() => parseSacct("12|COMPLETED|0:0\n"), RangeError);
});

Deno.test("parseSacct() leaves out records without their beginning, and parts of het jobs", () => {
  const rows = [
    "3|FAILED|3:0|1795311145|1795311146|1795311146|cpu01|None|allocation",
    "7+0|COMPLETED|0:0|1|2|3|cpu01|None|het",
    "7+1|FAILED|1:0|1|2|3|cpu02|None|het",
  ];
  const sightings = parseSacct(`${rows.join("\n")}\n`);
  deepEqual(sightings.map(({ job, said }) => [job, said.state]), [["7", "COMPLETED"]]);
});

Deno.test("parseSacct() does not guess memory where Slurm kills by polling: FAILED 0:9", () => {
  const [polled] = parseSacct("8|FAILED|0:9|1|2|3|cpu01|None|big\n");
  deepEqual([polled!.said.state, polled!.said.exitCode, polled!.said.signal], [
    ...["FAILED", undefined, 9],
  ]);
  const [cgroup] = parseSacct("9|OUT_OF_MEMORY|0:125|1|2|3|cpu01|None|big\n");
  deepEqual([cgroup!.said.state, cgroup!.said.exitCode, cgroup!.said.signal], [
    ...["OUT_OF_MEMORY", undefined, undefined],
  ]);
});

Deno.test("readState() knows every word, and says which it does not", () => {
  const table: [string, string][] = [
    ["CONFIGURING", "PENDING"],
    ["RESIZING", "RUNNING"],
    ["STAGE_OUT", "COMPLETING"],
    ["STOPPED", "SUSPENDED"],
    ["REQUEUE_HOLD", "REQUEUED"],
    ["SPECIAL_EXIT", "REQUEUED"],
    ["BOOT_FAIL", "BOOT_FAIL"],
    ["DEADLINE", "DEADLINE"],
    ["COMPLETED+", "COMPLETED"],
    ["CANCELLED by 2001", "CANCELLED"],
  ];
  for (const [word, state] of table) equal(readState(word).state, state, word);
  deepEqual(readState("REVOKED"), { state: "UNKNOWN", raw: "REVOKED" });
  deepEqual(readState("constructor"), { state: "UNKNOWN", raw: "constructor" });
});

Deno.test("parseTaskList() reads what Slurm prints, and what formatTaskList() writes", () => {
  deepEqual(parseTaskList("0-6:2,9%3"), [0, 2, 4, 6, 9]);
  deepEqual(parseTaskList("7"), [7]);
  for (const bad of ["", "1-", "1,3,...", "a", "1-5:0", "0-99999999"]) {
    equal(parseTaskList(bad), undefined, bad);
  }
  fc.assert(fc.property(fc.uniqueArray(fc.nat(5000), { minLength: 1 }), (tasks) => {
    deepEqual(parseTaskList(formatTaskList(tasks)), tasks.toSorted((a, b) => a - b));
  }));
});

Deno.test("parseSubmitted() takes the last line that is an id", () => {
  equal(parseSubmitted("Welcome 2024\n\n123\n"), "123");
  equal(parseSubmitted("99\n123;cluster\nbye\n"), "123@cluster");
  equal(parseSubmitted("Submitted batch job\n"), undefined);
  for (const id of ["12", "12@gpu-cluster.1"]) equal(formatJobId(parseJobId(id)!), id);
  for (const bad of ["", "12;x", "a", "12@", "1 2", "-1", "12@a b"]) {
    equal(parseJobId(bad), undefined, bad);
  }
});
