import type { ProcessId } from "../batch/processes.ts";
import type { SchedulerState } from "../scheduler.ts";
import type { EventKind, TaskEvent } from "./events.ts";
import type { JobSpec } from "../batch/job_spec.ts";
import { parseArray, positionOf } from "../batch/tasks.ts";

/** How a task ended. */
export interface Outcome {
  state: SchedulerState;
  exitCode?: number;
  signal?: number;
  reason?: string;
}

/** The current attempt of a task that something has happened to. */
export interface TaskProgress {
  restart: number;
  /** `launched`: its shepherd was started and has not claimed the attempt yet. */
  phase: "pending" | "launched" | "active" | "ended";
  gpus: number[];
  shepherd?: ProcessId;
  /** Pid of the batch shell, and of its process group. */
  batch?: number;
  /** Seconds since 1970. */
  started?: number;
  ended?: number;
  /** When each was decided, in seconds. */
  marks: Partial<Record<EventKind, number>>;
  outcome?: Outcome;
  /** How often its shepherd ended without a claim. */
  failedLaunches?: number;
  /** When this supervisor launched it, told it to end (TERM) and last killed it, in milliseconds. */
  launchedAt?: number;
  toldAt?: number;
  killedAt?: number;
}

/** A job and what has happened to it. Tasks that nothing happened to are not in memory. */
export interface JobProgress {
  id: number;
  spec: JobSpec;
  indices: Uint32Array;
  throttle: number;
  touched: Map<number, TaskProgress>;
  /** Launched or active tasks. */
  active: Set<number>;
  /** Tasks that wait for another attempt. */
  again: Set<number>;
  /** Tasks in the order in which they ended. */
  endings: number[];
  ended: number;
  /** Ended tasks that are not COMPLETED. */
  failed: number;
  /** Every task before this place in `indices` has been touched. */
  cursor: number;
  /** When what waits of the job was cancelled, in seconds. */
  cancelled?: number;
  /** When it was found that a dependency can never be satisfied; counts for untouched tasks. */
  impossible?: number;
}

/** A job that nothing has happened to. */
export function newProgress(id: number, spec: JobSpec): JobProgress {
  const array = spec.array === undefined ? undefined : parseArray(spec.array);
  return {
    id,
    spec,
    indices: array?.indices ?? Uint32Array.of(0),
    throttle: array?.throttle ?? Infinity,
    touched: new Map(),
    active: new Set(),
    again: new Set(),
    endings: [],
    ended: 0,
    failed: 0,
    cursor: 0,
  };
}

/** Whether no task of the job will run any more, unless one is requeued. */
export function isOver(job: JobProgress): boolean {
  if (job.active.size > 0) return false;
  if (job.cancelled !== undefined || job.ended === job.indices.length) return true;
  return job.impossible !== undefined && job.again.size === 0;
}

/** Whether every task of the job is COMPLETED. */
export function hasSucceeded(job: JobProgress): boolean {
  return job.failed === 0 && job.ended === job.indices.length;
}

function touch(job: JobProgress, index: number): TaskProgress {
  let task = job.touched.get(index);
  if (!task) {
    task = { restart: 0, phase: "pending", gpus: [], marks: {} };
    job.touched.set(index, task);
    while (job.touched.has(job.indices[job.cursor]!)) job.cursor++;
  }
  return task;
}

function restart(job: JobProgress, index: number, task: TaskProgress): void {
  const next: TaskProgress = { restart: task.restart + 1, phase: "pending", gpus: [], marks: {} };
  job.touched.set(index, next);
  job.again.add(index);
}

function end(job: JobProgress, index: number, task: TaskProgress, outcome: Outcome): void {
  job.active.delete(index);
  job.again.delete(index);
  if (task.marks.requeue !== undefined && outcome.state !== "CANCELLED") {
    return restart(job, index, task);
  }
  task.phase = "ended";
  task.outcome = outcome;
  job.ended++;
  if (outcome.state !== "COMPLETED") job.failed++;
  job.endings.push(index);
}

/** Notes that a shepherd was started for a task. */
export function noteLaunch(
  job: JobProgress,
  index: number,
  launch: { gpus: number[]; at: number; shepherd: ProcessId },
): void {
  const task = touch(job, index);
  task.phase = "launched";
  task.gpus = launch.gpus;
  task.launchedAt = launch.at;
  task.shepherd = launch.shepherd;
  job.active.add(index);
  job.again.delete(index);
}

/** Notes that a shepherd ended without a claim: the task waits again. */
export function noteUnlaunched(job: JobProgress, index: number): void {
  const task = touch(job, index);
  task.phase = "pending";
  task.failedLaunches = (task.failedLaunches ?? 0) + 1;
  job.active.delete(index);
  job.again.add(index);
}

function exit(code: number): Outcome {
  if (code === 0) return { state: "COMPLETED", exitCode: 0 };
  const signal = code > 128 && code <= 192 ? code - 128 : undefined;
  return { state: "FAILED", exitCode: code, signal, reason: "NonZeroExitCode" };
}

/** How a task ended, what it was ended for going before how it did. */
function outcome(task: TaskProgress, event: TaskEvent): Outcome {
  if (task.marks.cancel !== undefined || event.kind === "drop") return { state: "CANCELLED" };
  if (task.marks.timeout !== undefined) return { state: "TIMEOUT", reason: "TimeLimit" };
  if (event.kind === "lost") {
    const reason = event.detail === "launch" ? "it could not be started" : "its processes vanished";
    return { state: "NODE_FAIL", reason };
  }
  if (event.kind === "broken") {
    const reason = event.detail === "chdir" ? "cannot enter --chdir" : "cannot write --output";
    return { state: "FAILED", signal: 53, reason };
  }
  return exit(Number(event.detail));
}

const NEEDS_ATTEMPT: ReadonlySet<EventKind> = new Set(["warn", "timeout", "requeue", "never"]);

/** Takes one event into account; one of an earlier attempt, or a repeated one, changes nothing. */
export function reduce(job: JobProgress, event: TaskEvent): void {
  if (event.task === "all") {
    if (event.kind === "cancel") job.cancelled = event.epoch;
    if (event.kind === "never") job.impossible = event.epoch;
    return;
  }
  if (positionOf(job.indices, event.task) < 0) return;
  const known = job.touched.get(event.task);
  if (event.restart !== (known?.restart ?? 0)) return;
  if (!known && NEEDS_ATTEMPT.has(event.kind)) return;
  const task = touch(job, event.task);
  switch (event.kind) {
    case "claim":
    case "start":
      if (task.phase === "ended") return;
      task.phase = "active";
      job.active.add(event.task);
      job.again.delete(event.task);
      if (event.kind === "claim") return;
      task.batch = Number(event.detail);
      task.started = event.epoch;
      return;
    case "warn":
    case "timeout":
    case "never":
      task.marks[event.kind] = event.epoch;
      return;
    case "cancel":
      if (task.phase === "ended") return;
      task.marks.cancel = event.epoch;
      if (task.phase !== "pending") return;
      task.ended = event.epoch;
      return end(job, event.task, task, { state: "CANCELLED" });
    case "requeue":
      task.marks.requeue = event.epoch;
      if (task.phase !== "ended") return;
      job.ended--;
      if (task.outcome?.state !== "COMPLETED") job.failed--;
      return restart(job, event.task, task);
    default:
      if (task.phase === "ended") return;
      task.ended = event.epoch;
      return end(job, event.task, task, outcome(task, event));
  }
}
