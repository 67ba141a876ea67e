import type { EventKind, TaskEvent } from "./events.ts";
import type { Machine } from "../batch/job_spec.ts";
import { isOver, type TaskProgress } from "./progress.ts";
import { gates, isExhausted, type QueuedJob, startable } from "./queue.ts";

/** Which processes of a task get a signal. */
export type SignalScope = "batch" | "others" | "all";

/** One thing for the supervisor to do. */
export type Action =
  | { do: "launch"; job: number; task: number; restart: number; gpus: number[] }
  | { do: "record"; job: number; event: TaskEvent }
  | {
    do: "signal";
    job: number;
    task: number;
    scope: SignalScope;
    purpose: "warn" | "tell" | "kill";
    signal: string;
  }
  | { do: "finish"; job: number };

/** What there is to plan for. */
export interface Situation {
  /** By rising id, each advanced. */
  jobs: readonly QueuedJob[];
  machine: Machine;
  /** Milliseconds since 1970. */
  now: number;
  /** Milliseconds between TERM and KILL. */
  killWait: number;
}

function record(
  job: QueuedJob,
  task: number | "all",
  kind: EventKind,
  now: number,
): Action {
  const restart = task === "all" ? 0 : job.progress.touched.get(task)?.restart ?? 0;
  const epoch = Math.floor(now / 1000);
  return {
    do: "record",
    job: job.progress.id,
    event: { task, restart, kind, detail: "0", epoch },
  };
}

/** Cancel and requeue, as asked. A task that is being launched is left until it has started. */
function answerRequests(job: QueuedJob, now: number): Action[] {
  const { progress, requests } = job;
  const actions: Action[] = [];
  const active = [...progress.active].map((index) =>
    [index, progress.touched.get(index)!] as const
  );
  if (requests.cancelAll && progress.cancelled === undefined && !isOver(progress)) {
    for (const [index, task] of active) {
      if (task.phase === "active" && task.marks.cancel === undefined) {
        actions.push(record(job, index, "cancel", now));
      }
    }
    if (active.every(([, task]) => task.phase === "active")) {
      actions.push(record(job, "all", "cancel", now));
    }
  }
  for (const index of requests.cancel) {
    const task = progress.touched.get(index);
    if (task?.phase !== "launched" && task?.marks.cancel === undefined) {
      actions.push(record(job, index, "cancel", now));
    }
  }
  for (const [index, restart] of requests.requeue) {
    const task = progress.touched.get(index);
    if (task?.restart !== restart || task.marks.requeue !== undefined) continue;
    if (task.phase === "active" || task.phase === "ended") {
      actions.push(record(job, index, "requeue", now));
    }
  }
  return actions;
}

/** Milliseconds between two KILLs to processes that do not go away. */
const KILL_AGAIN = 5000;

function endTask(job: QueuedJob, index: number, task: TaskProgress, at: Situation): Action[] {
  const target = { do: "signal", job: job.progress.id, task: index, scope: "all" } as const;
  if (task.toldAt === undefined) return [{ ...target, purpose: "tell", signal: "SIGTERM" }];
  if (at.now < Math.max(task.toldAt + at.killWait, (task.killedAt ?? 0) + KILL_AGAIN)) return [];
  return [{ ...target, purpose: "kill", signal: "SIGKILL" }];
}

/** Time limits and the signals that end tasks. Epochs are whole seconds: a limit is never early. */
function watchActive(job: QueuedJob, at: Situation): Action[] {
  const { spec, touched } = job.progress;
  const actions: Action[] = [];
  for (const index of job.progress.active) {
    const task = touched.get(index)!;
    if (task.phase !== "active") continue;
    const { cancel, timeout, requeue, warn } = task.marks;
    if (cancel !== undefined || timeout !== undefined || requeue !== undefined) {
      actions.push(...endTask(job, index, task, at));
      continue;
    }
    if (spec.timeLimit === undefined || task.started === undefined) continue;
    const left = task.started + 1 + spec.timeLimit - at.now / 1000;
    if (left <= 0) actions.push(record(job, index, "timeout", at.now));
    else if (spec.warning && warn === undefined && left <= spec.warning.before) {
      const { signal, batchOnly } = spec.warning;
      const scope = batchOnly ? "batch" : "others";
      const id = job.progress.id;
      actions.push({ do: "signal", job: id, task: index, scope, purpose: "warn", signal });
      actions.push(record(job, index, "warn", at.now));
    }
  }
  return actions;
}

interface Free {
  cpus: number;
  gpus: Set<number>;
}

function freeOf({ jobs, machine }: Situation): Free {
  const free: Free = { cpus: machine.cpus, gpus: new Set(machine.gpus) };
  for (const { progress } of jobs) {
    free.cpus -= progress.active.size * Math.min(progress.spec.cpus, machine.cpus);
    for (const index of progress.active) {
      for (const gpu of progress.touched.get(index)!.gpus) free.gpus.delete(gpu);
    }
  }
  return free;
}

function start(
  job: QueuedJob,
  candidates: Iterable<number>,
  free: Free,
  machine: Machine,
): Action[] {
  const { id, spec, throttle, active, touched } = job.progress;
  const cpus = Math.min(spec.cpus, machine.cpus);
  const actions: Action[] = [];
  for (const task of candidates) {
    if (cpus > free.cpus || spec.gpus > free.gpus.size) break;
    if (active.size + actions.length >= throttle) break;
    if (job.requests.cancel.has(task)) continue;
    const gpus = [...free.gpus].slice(0, spec.gpus);
    free.cpus -= cpus;
    for (const gpu of gpus) free.gpus.delete(gpu);
    actions.push({ do: "launch", job: id, task, restart: touched.get(task)?.restart ?? 0, gpus });
  }
  return actions;
}

function go(job: QueuedJob, free: Free, at: Situation): Action[] {
  const { progress } = job;
  if (job.requests.cancelAll || progress.cancelled !== undefined) return [];
  const gate = gates(job);
  const hopeless = gate === "never" || isExhausted(job);
  if (hopeless && progress.active.size === 0 && progress.impossible === undefined) {
    return [record(job, "all", "never", at.now)];
  }
  const candidates = gate === "open" ? startable(job) : progress.again;
  return start(job, candidates, free, at.machine);
}

/**
 * Decides what to do now: first come, first served, and a job that does not fit lets the next ones
 * pass. Changes nothing; linear in the number of jobs and of running tasks.
 */
export function plan(situation: Situation): Action[] {
  const free = freeOf(situation);
  const actions: Action[] = [];
  for (const job of situation.jobs) {
    if (isOver(job.progress) && job.requests.requeue.size === 0) {
      actions.push({ do: "finish", job: job.progress.id });
      continue;
    }
    actions.push(...answerRequests(job, situation.now), ...watchActive(job, situation));
    actions.push(...go(job, free, situation));
  }
  return actions;
}
