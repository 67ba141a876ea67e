import type { SchedulerState, TaskReport } from "../scheduler.ts";

/**
 * Slurm's words for the state of a job, and what they are here. A job whose nodes
 * boot (CONFIGURING) or that is held after a special exit waits; REVOKED says that another cluster
 * of the federation took it, which says nothing of how it goes.
 */
const STATES: Readonly<Record<string, SchedulerState>> = {
  BOOT_FAIL: "BOOT_FAIL",
  CANCELLED: "CANCELLED",
  COMPLETED: "COMPLETED",
  COMPLETING: "COMPLETING",
  CONFIGURING: "PENDING",
  DEADLINE: "DEADLINE",
  EXPEDITING: "PENDING",
  FAILED: "FAILED",
  NODE_FAIL: "NODE_FAIL",
  OUT_OF_MEMORY: "OUT_OF_MEMORY",
  PENDING: "PENDING",
  POWER_UP_NODE: "PENDING",
  PREEMPTED: "PREEMPTED",
  REQUEUED: "REQUEUED",
  REQUEUE_FED: "REQUEUED",
  REQUEUE_HOLD: "REQUEUED",
  RESIZING: "RUNNING",
  RESV_DEL_HOLD: "PENDING",
  REVOKED: "UNKNOWN",
  RUNNING: "RUNNING",
  SIGNALING: "RUNNING",
  SPECIAL_EXIT: "REQUEUED",
  STAGE_OUT: "COMPLETING",
  STOPPED: "SUSPENDED",
  SUSPENDED: "SUSPENDED",
  TIMEOUT: "TIMEOUT",
  UPDATE_DB: "COMPLETING",
};

const CANCELLED_BY = /^CANCELLED by (\d+)$/;

/** Reads a state as squeue or sacct prints it: `RUNNING`, `CANCELLED by 2001`, `COMPLETED+`. */
export function readState(text: string): Pick<TaskReport, "state" | "raw" | "reason"> {
  const [, uid] = CANCELLED_BY.exec(text) ?? [];
  if (uid !== undefined) return { state: "CANCELLED", reason: `cancelled by user ${uid}` };
  const word = text.trim().replace(/\+$/, "").toUpperCase();
  const state = Object.hasOwn(STATES, word) ? STATES[word]! : "UNKNOWN";
  return state === "UNKNOWN" ? { state, raw: text } : { state };
}
