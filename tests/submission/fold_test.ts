import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { Denial, Sought } from "../../lib/core/denials.ts";
import type { Marker, MarkerEvent } from "../../lib/core/markers.ts";
import { isEnded, RUN_STATES, type RunState } from "../../lib/core/states.ts";
import { SCHEDULER_STATES, type TaskReport } from "../../lib/schedulers/scheduler.ts";
import { readState } from "../../lib/schedulers/slurm/states.ts";
import {
  foldRun,
  foldStage,
  type StageEvidence,
  type StageStatus,
} from "../../lib/submission/fold.ts";

function evidence(changes: Partial<StageEvidence> = {}): StageEvidence {
  return {
    submission: "001",
    fingerprint: "f",
    attempt: 1,
    markers: [],
    job: "7",
    sought: [],
    interrupted: true,
    cancelled: false,
    ...changes,
  };
}

function marker(event: MarkerEvent, code = 0, attempt = 1): Marker {
  return { run: 0, stage: "train", attempt, event, code, epoch: 100 };
}

function report(state: TaskReport["state"], changes: Partial<TaskReport> = {}): TaskReport {
  return { job: "7", state, source: "squeue", ...changes };
}

function sought(epoch: number): Sought {
  return { kind: "denied", epoch, denials: [denial], record: `submit/train.0.denied.${epoch}.0` };
}

function denied(): { unknown: string; denials: Denial[] } {
  return { unknown: "nobody has it", denials: [denial] };
}

const denial: Denial = { source: "squeue", command: "squeue", words: "nothing", epoch: 1 };
const start = marker("start");

Deno.test("foldStage() prefers the marker, then the scheduler, and knows what it does not know", async (t) => {
  const table: [string, Partial<StageEvidence>, RunState, string?][] = [
    ["a plan without a job", { job: undefined, interrupted: false }, "planned"],
    ["an interrupted submission", { job: undefined }, "unknown"],
    ["a refused one", { job: undefined, refused: "no such partition" }, "refused"],
    ["queued", { report: report("PENDING") }, "pending"],
    ["running before its marker", { report: report("RUNNING") }, "running"],
    ["started, scheduler silent", { markers: [start], report: { unknown: "timeout" } }, "unknown"],
    ["started, nobody spoke of it", { markers: [start] }, "unknown"],
    ["denied once", { report: denied(), sought: [sought(500)] }, "unknown"],
    ["denied twice at once", { report: denied(), sought: [sought(500), sought(529)] }, "unknown"],
    ["denied twice", { report: denied(), sought: [sought(500), sought(530)] }, "lost"],
    ["denied twice, then silence", {
      report: { unknown: "timeout" },
      sought: [sought(500), sought(530)],
    }, "lost"],
    ["denied twice, and back", {
      report: report("RUNNING"),
      sought: [sought(500), sought(530)],
    }, "running"],
    ["denied twice, and ended", {
      markers: [start, marker("end", 3)],
      sought: [sought(500), sought(530)],
    }, "failed"],
    [
      "a denial that cannot be noted",
      {
        report: denied(),
        unnoted: "read-only",
      },
      "unknown",
      "nobody has it; it stays unknown, as that cannot be noted: read-only",
    ],
    ["started, its submission interrupted", { job: undefined, markers: [start] }, "unknown"],
    ["started, running", { markers: [start], report: report("RUNNING") }, "running"],
    ["ended well, scheduler behind", {
      markers: [start, marker("end")],
      report: report("RUNNING"),
    }, "completed"],
    [
      "ended well, scheduler silent",
      { markers: [start, marker("end")], report: { unknown: "" } },
      "completed",
    ],
    ["ended badly", { markers: [start, marker("end", 3)] }, "failed", "exit code 3"],
    ["ended badly, memory", {
      markers: [start, marker("end", 137)],
      report: report("OUT_OF_MEMORY"),
    }, "out_of_memory"],
    ["told to end, time", {
      markers: [start, marker("stop", 143)],
      report: report("TIMEOUT"),
    }, "timeout"],
    ["told to end, by us", {
      markers: [start, marker("stop", 143)],
      cancelled: true,
    }, "cancelled"],
    ["told to end, and Slurm is not through with it", {
      markers: [start, marker("stop", 143)],
      report: report("COMPLETING"),
    }, "running"],
    ["killed, and Slurm is not through with it", {
      markers: [start, marker("end", 137)],
      report: report("RUNNING"),
    }, "running"],
    ["ended badly by itself, and Slurm is not through with it", {
      markers: [start, marker("end", 3)],
      report: report("COMPLETING"),
    }, "failed"],
    ["told to end, cause unknown", { markers: [start, marker("stop", 143)] }, "failed"],
    ["ended well although cancelled", {
      markers: [start, marker("end")],
      cancelled: true,
    }, "completed"],
    ["killed without a marker", { markers: [start], report: report("NODE_FAIL") }, "node_fail"],
    ["requeued", {
      markers: [start, marker("stop", 143)],
      report: report("PENDING", { restarts: 1 }),
    }, "pending"],
    ["second attempt", {
      markers: [start, marker("stop", 143), marker("start", 0, 2)],
      report: report("RUNNING", { restarts: 1 }),
    }, "running"],
    ["second attempt done", {
      markers: [start, marker("stop", 143), marker("start", 0, 2), marker("end", 0, 2)],
    }, "completed"],
    ["skipped by its guard", { markers: [marker("skip", 3)] }, "skipped"],
    ["never satisfied", {
      report: report("CANCELLED", { reason: "DependencyNeverSatisfied" }),
    }, "skipped"],
    ["exit 0 without starting", { report: report("COMPLETED") }, "lost"],
    [
      "a word nobody knows",
      {
        report: report("UNKNOWN", { raw: "FROZEN" }),
      },
      "unknown",
      "the scheduler says FROZEN",
    ],
  ];
  for (const [name, given, state, reason] of table) {
    await t.step(name, () => {
      const status = foldStage(evidence(given));
      equal(status.state, state, JSON.stringify(status));
      if (reason) equal(status.reason, reason);
    });
  }
});

Deno.test("foldStage() keeps the scheduler's word for every end", async (t) => {
  const table: [string, RunState][] = [
    ["COMPLETED", "completed"],
    ["FAILED", "failed"],
    ["TIMEOUT", "timeout"],
    ["CANCELLED", "cancelled"],
    ["CANCELLED by 2001", "cancelled"],
    ["OUT_OF_MEMORY", "out_of_memory"],
    ["NODE_FAIL", "node_fail"],
    ["BOOT_FAIL", "node_fail"],
    ["DEADLINE", "timeout"],
    ["PREEMPTED", "preempted"],
  ];
  for (const [word, state] of table) {
    await t.step(word, () => {
      const said = readState(word);
      const status = foldStage(evidence({
        markers: [start],
        report: report(said.state, { reason: said.reason, signal: 9 }),
      }));
      deepEqual([status.state, status.schedulerState, status.signal], [state, said.state, 9]);
    });
  }
});

const markers = fc.array(
  fc.record({
    run: fc.constant(0),
    stage: fc.constant("train"),
    attempt: fc.integer({ min: 1, max: 3 }),
    event: fc.constantFrom<MarkerEvent>("start", "end", "stop", "skip", "mismatch"),
    code: fc.constantFrom(0, 1, 137, 143),
    epoch: fc.integer({ min: 1, max: 1000 }),
  }),
  { maxLength: 5 },
);
const reports = fc.option(
  fc.oneof(
    fc.record({
      job: fc.constant("7"),
      state: fc.constantFrom(...SCHEDULER_STATES),
      restarts: fc.integer({ min: 0, max: 3 }),
      source: fc.constant("squeue"),
    }),
    fc.record({ unknown: fc.string() }),
  ),
  { nil: undefined },
);

Deno.test("foldStage() is total, and an unanswered question never ends a run", () => {
  fc.assert(
    fc.property(markers, reports, fc.boolean(), fc.boolean(), (given, said, cancelled, job) => {
      const status = foldStage(evidence({
        markers: given,
        report: said,
        cancelled,
        job: job ? "7" : undefined,
      }));
      if (!RUN_STATES.includes(status.state)) return false;
      const last = Math.max(1, ...given.map((marker) => marker.attempt));
      const ended = given.some((m) => m.attempt === last && m.event !== "start");
      const unanswered = said !== undefined && "unknown" in said;
      return !(unanswered && !ended && isEnded(status.state));
    }),
    { numRuns: 5000 },
  );
});

Deno.test("foldStage() says completed only when a program ended with 0", () => {
  fc.assert(
    fc.property(markers, reports, (given, said) => {
      const status = foldStage(evidence({ markers: given, report: said }));
      if (status.state !== "completed") return true;
      const byMarker = given.some((m) => m.event === "end" && m.code === 0);
      const byScheduler = said !== undefined && "state" in said && said.state === "COMPLETED";
      return byMarker || byScheduler;
    }),
    { numRuns: 5000 },
  );
});

Deno.test("foldRun() tells the first thing that went wrong, else the least advanced", () => {
  const stages = (...states: RunState[]) =>
    states.map((state) => ({ state }) as unknown as StageStatus);
  const table: [RunState[], RunState][] = [
    [[], "planned"],
    [["completed", "completed"], "completed"],
    [["completed", "pending"], "pending"],
    [["running", "pending"], "running"],
    [["failed", "skipped"], "failed"],
    [["completed", "timeout"], "timeout"],
    [["completed", "skipped"], "skipped"],
    [["completed", "unknown"], "unknown"],
  ];
  for (const [given, expected] of table) deepEqual(foldRun(stages(...given)), expected, `${given}`);
});

Deno.test("foldStage() tells a run from the job that carries it with others", async (t) => {
  const pack = { continues: false };
  const table: [string, Partial<StageEvidence>, RunState, string?][] = [
    ["job queued", { report: report("PENDING") }, "pending"],
    ["job runs, run not begun", { report: report("RUNNING") }, "pending"],
    ["job runs, run too", { markers: [start], report: report("RUNNING") }, "running"],
    [
      "job runs on, run failed",
      {
        markers: [start, marker("end", 3)],
        report: report("RUNNING", { restarts: 1 }),
      },
      "failed",
      "exit code 3",
    ],
    [
      "job timed out after it failed",
      {
        markers: [start, marker("end", 3)],
        report: report("TIMEOUT"),
      },
      "failed",
      "exit code 3",
    ],
    ["job timed out with it", {
      markers: [start, marker("stop", 143)],
      report: report("TIMEOUT"),
    }, "timeout"],
    ["killed for memory", {
      markers: [start, marker("end", 137)],
      report: report("OUT_OF_MEMORY"),
    }, "out_of_memory"],
    ["another one was killed for memory", {
      markers: [start, marker("end", 1)],
      report: report("OUT_OF_MEMORY"),
    }, "failed"],
    ["node failed under it", { markers: [start], report: report("NODE_FAIL") }, "node_fail"],
    ["node failed before its turn", { report: report("NODE_FAIL") }, "not_begun"],
    ["job failed before its turn", { report: report("FAILED", { exitCode: 75 }) }, "not_begun"],
    ["job completed without it", { report: report("COMPLETED") }, "lost"],
    ["job cancelled before its turn", { report: report("CANCELLED") }, "cancelled"],
    [
      "job was killed under it",
      {
        markers: [start],
        report: report("FAILED", { signal: 9, exitCode: 1 }),
      },
      "failed",
      "its job failed without noting how the run ended: signal 9",
    ],
    ["left for another job", {
      markers: [marker("left", 75)],
      report: { unknown: "squeue timed out" },
    }, "not_begun"],
    ["left, and the job was requeued", {
      markers: [marker("left", 75)],
      report: report("PENDING", { restarts: 1 }),
    }, "pending"],
    ["cancelled before its turn", { cancelled: true, report: report("RUNNING") }, "cancelled"],
    ["cancelled alone", {
      cancelled: true,
      markers: [start, marker("stop", 143)],
      report: report("RUNNING"),
    }, "cancelled"],
    ["not begun, nobody can say", { report: { unknown: "squeue timed out" } }, "unknown"],
  ];
  for (const [name, changes, state, reason] of table) {
    await t.step(name, () => {
      const found = foldStage(evidence({ pack, ...changes }));
      equal(found.state, state);
      if (reason !== undefined) equal(found.reason, reason);
      if (found.state === "not_begun") equal(found.exitCode, undefined);
    });
  }
});
