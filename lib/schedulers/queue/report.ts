import type { TaskReport } from "../scheduler.ts";
import { formatDuration } from "../../core/durations.ts";
import type { QueueJob } from "./job.ts";
import type { Done } from "./places.ts";
import type { JobView, QueueReading } from "./reading.ts";
import type { WorkerRecord } from "./workers.ts";

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
  return { state: "PENDING", reason: waits(reading, view, task, gate.open) };
}

/** Why a task waits that nobody takes, as nobody is there. */
export const NOBODY = "no worker takes from the queue";

function waits(reading: QueueReading, view: JobView, task: number, open: boolean): string {
  const { held, heldTasks, claims, known: { throttle, spec } } = view;
  if (held || heldTasks.has(task)) return "held";
  if (!open) return "the jobs before it have not ended";
  if (claims.size >= throttle) return `max_parallel (${throttle}) is reached`;
  const { present } = reading;
  if (present.length === 0) return NOBODY;
  return present.some((worker) => suits(worker, spec)) ? "waits for a worker" : unsuited(spec);
}

/** Whether a worker could take a task of this job once it has nothing else to do. */
function suits({ cpus, gpus, until }: WorkerRecord, spec: QueueJob): boolean {
  const left = until === undefined ? Infinity : until - Date.now() / 1000;
  return spec.cpus <= cpus && spec.gpus <= gpus.length && (spec.timeLimit ?? 0) <= left;
}

function unsuited({ cpus, gpus, timeLimit }: QueueJob): string {
  const time = timeLimit === undefined ? "" : `, ${formatDuration(timeLimit)} left`;
  return `no worker is large enough: it needs ${cpus} CPUs, ${gpus} GPUs${time}`;
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
