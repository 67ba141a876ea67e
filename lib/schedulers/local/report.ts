import type { TaskReport } from "../scheduler.ts";
import type { TaskProgress } from "./progress.ts";
import { gates, isReleased, type QueuedJob } from "./queue.ts";

/** The part of a report that depends on what happened. */
type Said = Pick<TaskReport, "state" | "reason" | "exitCode" | "signal" | "started" | "ended">;

/** `node1.cluster` → `node1`, as Slurm names nodes. */
export function shortHost(host: string): string {
  return host.split(".")[0]!;
}

function sayWaiting(job: QueuedJob): (task: number) => Said {
  const { progress } = job;
  const { cancelled, impossible, again } = progress;
  const open = gates(job) === "open";
  const throttled = progress.active.size >= progress.throttle;
  const free: Said = { state: "PENDING", reason: throttled ? "JobArrayTaskLimit" : "Resources" };
  return (task) => {
    if (cancelled !== undefined) return { state: "CANCELLED", ended: cancelled };
    if (again.has(task)) return free;
    if (impossible !== undefined) {
      return { state: "CANCELLED", reason: "DependencyNeverSatisfied", ended: impossible };
    }
    return open && isReleased(job, task) ? free : { state: "PENDING", reason: "Dependency" };
  };
}

function sayTouched({ outcome, started, ended, marks }: TaskProgress): Said {
  if (outcome) return { ...outcome, started, ended };
  const { cancel, timeout, requeue } = marks;
  const ending = cancel !== undefined || timeout !== undefined || requeue !== undefined;
  return { state: ending ? "COMPLETING" : "RUNNING", started };
}

/** What there is to say of each task of a job, by rising index. */
export function reportJob(job: QueuedJob): TaskReport[] {
  const { progress } = job;
  const { id, spec } = progress;
  const waiting = sayWaiting(job);
  return Array.from(progress.indices, (index): TaskReport => {
    const task = progress.touched.get(index);
    const waits = !task || task.phase === "pending";
    return {
      job: String(id),
      task: spec.array === undefined ? undefined : index,
      ...(waits ? waiting(index) : sayTouched(task)),
      nodes: waits ? undefined : shortHost(spec.submitHost),
      restarts: task?.restart ?? 0,
      submitted: spec.submitted,
      source: "local scheduler",
    };
  });
}
