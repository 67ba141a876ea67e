import type { TaskReport } from "../scheduler.ts";
import type { Done } from "./places.ts";
import type { JobView, QueueReading } from "./reading.ts";

type Said = Pick<
  TaskReport,
  "state" | "reason" | "exitCode" | "signal" | "started" | "ended" | "nodes" | "restarts"
>;

/** Who says so in reports of the queue. */
export const SOURCE = "queue";

/** `node1-4711-9f3a` → `node1`. */
export function hostOf(worker: string): string {
  return worker.replace(/-\d+-[0-9a-f]+$/, "");
}

/** What there is to say of each task of a job, by rising index. */
export function reportJob(reading: QueueReading, view: JobView): TaskReport[] {
  const { id, spec, indices } = view.known;
  return Array.from(indices, (task): TaskReport => ({
    job: String(id),
    task: spec.array === undefined ? undefined : task,
    ...sayTask(reading, view, task),
    submitted: spec.submitted,
    source: SOURCE,
  }));
}

function sayTask(reading: QueueReading, view: JobView, task: number): Said {
  const done = view.done.get(task);
  if (done) return { ...sayDone(done), restarts: done.restart };
  const claim = view.claims.get(task);
  const cancelled = view.cancelled ?? view.cancelledTasks.get(task);
  if (claim) {
    return {
      state: cancelled === undefined ? "RUNNING" : "COMPLETING",
      started: claim.since,
      nodes: hostOf(claim.worker),
      restarts: claim.restart,
    };
  }
  if (cancelled !== undefined) return { state: "CANCELLED", ended: cancelled };
  const gate = reading.gate(view.known.id)(task);
  if ("never" in gate) {
    return { state: "CANCELLED", reason: "DependencyNeverSatisfied", ended: gate.never };
  }
  return { state: "PENDING", reason: waits(view, task, gate.open) };
}

function waits({ held, heldTasks, claims, known }: JobView, task: number, open: boolean): string {
  if (held || heldTasks.has(task)) return "JobHeldUser";
  if (!open) return "Dependency";
  return claims.size >= known.throttle ? "JobArrayTaskLimit" : "Resources";
}

function sayDone({ how, code, started, ended, worker }: Done): Said {
  const times = { ...started > 0 ? { started, nodes: hostOf(worker) } : {}, ended };
  if (how === "cancel") return { state: "CANCELLED", ...times };
  if (how === "timeout") return { state: "TIMEOUT", reason: "TimeLimit", ...times };
  if (how === "poison") {
    return { state: "NODE_FAIL", reason: "its workers were lost, too often to go on", ...times };
  }
  if (code === 0) return { state: "COMPLETED", exitCode: 0, ...times };
  return code > 128 && code <= 128 + 64
    ? { state: "FAILED", signal: code - 128, ...times }
    : { state: "FAILED", exitCode: code, ...times };
}
