import { hasSucceeded, isOver, type JobProgress } from "./progress.ts";
import type { DependencyType } from "../scheduler.ts";
import { positionOf } from "../batch/tasks.ts";

/** A dependency with the job it is on; without one where that job is gone. */
export interface Link {
  type: DependencyType;
  on?: JobProgress;
  /** `aftercorr`: how many of `on.endings` were looked at, and which tasks those release. */
  seen: number;
  released: Set<number>;
}

/** What users asked of a job and is not done yet. */
export interface Requests {
  cancelAll: boolean;
  cancel: Set<number>;
  /** Task → the restart count of the attempt to end. */
  requeue: Map<number, number>;
}

/** An unfinished job as the supervisor holds it. */
export interface QueuedJob {
  progress: JobProgress;
  links: Link[];
  requests: Requests;
  /** Tasks that every `aftercorr` releases, in the order of release. */
  ready: number[];
  /** Every task before this place in `ready` has been touched. */
  readyCursor: number;
}

/** A job as it enters the queue. */
export function queued(
  progress: JobProgress,
  links: { type: DependencyType; on?: JobProgress }[],
): QueuedJob {
  return {
    progress,
    links: links.map((link) => ({ ...link, seen: 0, released: new Set() })),
    requests: { cancelAll: false, cancel: new Set(), requeue: new Map() },
    ready: [],
    readyCursor: 0,
  };
}

/** Whether this link holds task by task: both jobs are arrays. Else it is as `afterok`. */
function isByTask(job: QueuedJob, { type, on }: Link): boolean {
  return type === "aftercorr" && on?.spec.array !== undefined &&
    job.progress.spec.array !== undefined;
}

/**
 * Takes in what happened since the last call: tasks that `aftercorr` releases, requests that are
 * done. The work is linear in the number of endings, not in the calls.
 */
export function advance(job: QueuedJob): void {
  const byTask = job.links.filter((link) => isByTask(job, link));
  for (const link of byTask) {
    for (; link.seen < link.on!.endings.length; link.seen++) {
      const task = link.on!.endings[link.seen]!;
      if (link.on!.touched.get(task)?.outcome?.state !== "COMPLETED") continue;
      if (link.released.has(task) || positionOf(job.progress.indices, task) < 0) continue;
      link.released.add(task);
      if (byTask.every(({ released }) => released.has(task))) job.ready.push(task);
    }
  }
  const { touched } = job.progress;
  while (job.readyCursor < job.ready.length && touched.has(job.ready[job.readyCursor]!)) {
    job.readyCursor++;
  }
  for (const task of job.requests.cancel) {
    if (touched.get(task)?.phase === "ended") job.requests.cancel.delete(task);
  }
  for (const [task, restart] of job.requests.requeue) {
    const now = touched.get(task);
    const valid = now?.restart === restart && now.phase !== "pending" &&
      now.outcome?.state !== "CANCELLED" && job.progress.cancelled === undefined;
    if (!valid) job.requests.requeue.delete(task);
  }
}

function gate(link: Link): "open" | "wait" | "never" {
  if (!link.on) return "never";
  if (!isOver(link.on)) return "wait";
  return link.type === "afterany" || hasSucceeded(link.on) ? "open" : "never";
}

/** Whether the dependencies on whole jobs let tasks start. */
export function gates(job: QueuedJob): "open" | "wait" | "never" {
  const found = job.links.filter((link) => !isByTask(job, link)).map(gate);
  if (found.includes("never")) return "never";
  return found.includes("wait") ? "wait" : "open";
}

/** Whether every `aftercorr` lets this task start. */
export function isReleased(job: QueuedJob, task: number): boolean {
  return job.links.every((link) => !isByTask(job, link) || link.released.has(task));
}

/** Whether no further task can be released: the jobs of every `aftercorr` are over. */
export function isExhausted(job: QueuedJob): boolean {
  const byTask = job.links.filter((link) => isByTask(job, link));
  return byTask.length > 0 && byTask.every(({ on }) => isOver(on!)) &&
    job.readyCursor === job.ready.length && job.progress.again.size === 0;
}

/** The waiting tasks whose dependencies hold, in order. */
export function* startable(job: QueuedJob): Generator<number> {
  const { progress } = job;
  yield* progress.again;
  if (job.links.some((link) => isByTask(job, link))) {
    for (let at = job.readyCursor; at < job.ready.length; at++) {
      if (!progress.touched.has(job.ready[at]!)) yield job.ready[at]!;
    }
    return;
  }
  for (let at = progress.cursor; at < progress.indices.length; at++) {
    const task = progress.indices[at]!;
    if (!progress.touched.has(task)) yield task;
  }
}
