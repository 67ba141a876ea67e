import type { Denial, Sought } from "../core/denials.ts";
import type { Marker, MarkerEvent } from "../core/markers.ts";
import { isEnded, type RunState } from "../core/states.ts";
import type { SchedulerState, TaskReport } from "../schedulers/scheduler.ts";
import { sharedVerdict } from "./shared_job.ts";
import { withoutWord } from "./without_word.ts";

/** Where one stage of one run stands, and who says so. */
export interface StageStatus {
  /** `unknown` when nobody could be asked; never a guess. */
  state: RunState;
  /** The submission that it was last part of. */
  submission: string;
  /** Fingerprint of the stage's command when it was submitted. */
  fingerprint: string;
  /** Number of the latest execution, from 1. */
  attempt: number;
  /** As bash sees it: 128 + n after signal n. Absent until it ended. */
  exitCode?: number;
  /** What ended it, as far as the scheduler knows. */
  signal?: number;
  /** Why it waits or failed, in a few words. */
  reason?: string;
  /** The scheduler's own last word for its state, `TIMEOUT`, where it had one. */
  schedulerState?: string;
  /** The scheduler's id; absent until the submission is through. */
  job?: string;
  /** All jobs of its chain, in order; `job` is the one that matters now. */
  chain?: string[];
  /** Index in the job's array; absent without one. */
  task?: number;
  /** Its job, or task, carries other runs too. */
  shared?: true;
  /** Of a run that was not begun: it was to go on where an earlier attempt ended. */
  continues?: true;
  /** Where it runs or ran, as far as the scheduler tells. */
  nodes?: string;
  /** While it waits: when it is to start by the scheduler's own estimate, in seconds since 1970. */
  expected?: number;
  /** Seconds since 1970. */
  started?: number;
  /** Seconds since 1970; absent until then. */
  ended?: number;
  /** `marker`, or the command or file the scheduler's word comes from. */
  source: string;
  /** When every source said that it does not have it, and where their words are; oldest first. */
  denials?: StageDenial[];
}

/** One time that all sources were asked about a stage, and none had it. */
export interface StageDenial {
  /** Seconds since 1970. */
  epoch: number;
  /** Who was asked: `squeue`, `sacct`. */
  sources: string[];
  /** Holds commands and answers; a path below the state folder of the submission. */
  record: string;
}

/** Everything known of one stage of one run in one submission. */
export interface StageEvidence {
  submission: string;
  fingerprint: string;
  /** Number of the first attempt of this submission. */
  attempt: number;
  /** Markers of this run and stage. */
  markers: readonly Marker[];
  job?: string;
  task?: number;
  /**
   * The scheduler's word: a report, none although it could be asked, or why it could not. `foreign`:
   * the number of its job is another job's now.
   */
  report?: TaskReport | { unknown: string; denials?: Denial[]; foreign?: true };
  /** Denials since it was last heard of. */
  sought: readonly Sought[];
  /** Why a denial could not be noted. */
  unnoted?: string;
  /** All jobs of its chain; absent without one. */
  chain?: string[];
  /** Somebody set out to submit it, and did not note a job. */
  interrupted: boolean;
  /** The scheduler refused it, or another job of its submission, with these words. */
  refused?: string;
  /** The user asked for its cancellation. */
  cancelled: boolean;
  /** Present where its job carries several runs; `continues`: it goes on from an earlier attempt. */
  pack?: { continues: boolean };
}

const ENDED_STATES: Partial<Record<SchedulerState, RunState>> = {
  COMPLETED: "completed",
  FAILED: "failed",
  TIMEOUT: "timeout",
  DEADLINE: "timeout",
  CANCELLED: "cancelled",
  OUT_OF_MEMORY: "out_of_memory",
  NODE_FAIL: "node_fail",
  BOOT_FAIL: "node_fail",
  PREEMPTED: "preempted",
};
const RUNNING_STATES: ReadonlySet<SchedulerState> = new Set(["RUNNING", "SUSPENDED", "COMPLETING"]);
const PENDING_STATES: ReadonlySet<SchedulerState> = new Set(["PENDING", "REQUEUED"]);

/** Reason of a run that would not get further either if it were continued. */
export const STUCK = "time limit, and no new checkpoint since its start";

/** Markers of a job that ended its program as the time limit was near. */
const LIMIT_REASONS: Partial<Record<MarkerEvent, string>> = {
  timeout: "time limit",
  spent: "time limit, and max_restarts is used up",
  stuck: STUCK,
};

/** What is decided of a stage. */
export type Verdict = Pick<StageStatus, "state" | "source"> & Partial<StageStatus>;

/** Number of the latest execution that left a marker, or `first`. */
export function latestAttempt(markers: readonly Marker[], first: number): number {
  let latest = first;
  for (const { attempt } of markers) if (attempt > latest) latest = attempt;
  return latest;
}

/** Decides where a stage stands: the job's own marker first, then the scheduler, else unknown. */
export function foldStage(evidence: StageEvidence): StageStatus {
  const { submission, fingerprint, job, task } = evidence;
  const attempt = latestAttempt(evidence.markers, evidence.attempt);
  const { start, last, requeued } = attemptOf(evidence.markers, attempt);
  const report = evidence.report && "state" in evidence.report ? evidence.report : undefined;
  const decided = requeued && report && isLive(report)
    ? live({ ...report, reason: "its time limit was near: it goes back into the queue" })
    : verdict(evidence, attempt, start, last);
  const ofJob = !evidence.pack || decided.source === report?.source;
  return {
    submission,
    fingerprint,
    attempt,
    job,
    ...evidence.chain ? { chain: evidence.chain } : {},
    task,
    ...evidence.pack ? { shared: true } : {},
    nodes: report?.nodes,
    started: start?.epoch ?? (evidence.pack ? undefined : report?.started),
    signal: ofJob ? report?.signal : undefined,
    schedulerState: ofJob && report ? report.raw ?? report.state : undefined,
    ...decided,
  };
}

/** What one attempt left: its start, what ended it (its program's own end before another's). */
function attemptOf(markers: readonly Marker[], attempt: number) {
  let start: Marker | undefined;
  let last: Marker | undefined;
  let requeued = false;
  for (const marker of markers) {
    if (marker.attempt !== attempt) continue;
    if (marker.event === "start") start ??= marker;
    else if (marker.event === "requeue") requeued = true;
    else if (!last || (marker.event === "end" && last.event !== "end")) last = marker;
  }
  return { start, last, requeued: requeued && !last };
}

function verdict(
  evidence: StageEvidence,
  attempt: number,
  start: Marker | undefined,
  last: Marker | undefined,
): Verdict {
  const report = evidence.report && "state" in evidence.report ? evidence.report : undefined;
  if (last?.event === "end" && last.code === 0) {
    return { state: "completed", exitCode: 0, ended: last.epoch, source: "marker" };
  }
  const restarts = attempt - evidence.attempt;
  const shared = evidence.pack && sharedVerdict(evidence, start, last, report);
  if (shared) return shared;
  const mayGoOn = !last || last.event === "timeout" || last.event === "stop";
  if (evidence.chain && mayGoOn) {
    if (report && isLive(report)) return live(report);
    const silence = !report && evidence.report && withoutWord(evidence, start, report);
    if (silence && !(last && silence.state === "lost")) return silence;
  }
  const queued = report && PENDING_STATES.has(report.state);
  const restarted = report !== undefined && (queued || RUNNING_STATES.has(report.state)) &&
    (report.restarts ?? 0) > restarts;
  if (restarted) return live(report);
  if (last) return endedBy(last, evidence, report);
  if (report && ENDED_STATES[report.state]) return endedByScheduler(evidence, report, start);
  if (report && (queued || RUNNING_STATES.has(report.state))) return live(report);
  return withoutWord(evidence, start, report);
}

function isLive({ state }: TaskReport): boolean {
  return PENDING_STATES.has(state) || RUNNING_STATES.has(state);
}

function live(report: TaskReport): Verdict {
  const state = PENDING_STATES.has(report.state) ? "pending" : "running";
  const { reason, source, expected } = report;
  return { state, reason, source, ...expected === undefined ? {} : { expected } };
}

/**
 * The program ended with an error, or was told to end: the scheduler may know why. Where a signal
 * ended it, only the scheduler does, once it is through with the job.
 */
function endedBy(
  marker: Marker,
  evidence: StageEvidence,
  report: TaskReport | undefined,
): Verdict {
  const base = { ended: marker.epoch, exitCode: marker.code };
  if (marker.event === "skip") {
    return { ...base, state: "skipped", source: "marker", reason: "a stage before it failed" };
  }
  if (marker.event === "mismatch") {
    const reason = "the table of values is not the one that was submitted";
    return { ...base, state: "failed", source: "marker", reason };
  }
  const limit = LIMIT_REASONS[marker.event];
  if (limit !== undefined) return { ...base, state: "timeout", reason: limit, source: "marker" };
  const byOthers = marker.event === "stop" || marker.code > 128;
  if (byOthers && !evidence.pack && report && isLive(report)) return live(report);
  const known = report && ENDED_STATES[report.state];
  if (report && known && known !== "completed" && known !== "failed") {
    return { ...base, state: known, reason: report.reason, source: report.source };
  }
  if (evidence.cancelled && (marker.event === "stop" || marker.code > 128)) {
    return { ...base, state: "cancelled", reason: "expflow cancel", source: "marker" };
  }
  if (marker.event === "stop") {
    return { ...base, state: "failed", reason: "told to end (TERM)", source: "marker" };
  }
  return { ...base, state: "failed", reason: `exit code ${marker.code}`, source: "marker" };
}

/** What a word of the scheduler may mean, where it does not say so itself. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  JobLaunchFailure: "the node could not open its working directory or its log",
  "signal 9": "killed, perhaps for more memory than it asked for",
};

function explained(reason: string | undefined): string | undefined {
  const explanation = reason === undefined ? undefined : EXPLANATIONS[reason];
  return explanation === undefined ? reason : `${reason}: ${explanation}`;
}

function endedByScheduler(
  evidence: StageEvidence,
  report: TaskReport,
  start: Marker | undefined,
): Verdict {
  const { exitCode, ended, source, signal } = report;
  const state = ENDED_STATES[report.state]!;
  const reason = explained(report.reason ?? (signal ? `signal ${signal}` : undefined));
  if (report.reason === "DependencyNeverSatisfied") {
    return { state: "skipped", reason, ended, source };
  }
  if (state === "completed" && !start) {
    const nothing = "its job ended without starting the program";
    return { state: "lost", reason: nothing, exitCode, ended, source };
  }
  if (evidence.cancelled && (state === "failed" || state === "cancelled")) {
    return { state: "cancelled", reason: "expflow cancel", exitCode, ended, source };
  }
  return { state, reason, exitCode, ended, source };
}

/** Where the whole run stands, from its stages in order. */
export function foldRun(stages: readonly StageStatus[]): RunState {
  if (stages.length === 1) return stages[0]!.state;
  const states = stages.map((stage) => stage.state);
  const bad = states.find((state) =>
    isEnded(state) && state !== "completed" && state !== "skipped"
  );
  if (bad) return bad;
  for (const state of ["unknown", "running", "skipped"] as const) {
    if (states.includes(state)) return state;
  }
  if (states.length > 0 && states.every((state) => state === "completed")) return "completed";
  return states.includes("pending") ? "pending" : "planned";
}
