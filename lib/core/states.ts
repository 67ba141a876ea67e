/**
 * What can be known of a run or of one of its stages. `planned`: it belongs to a submission whose
 * jobs are not all submitted yet. `refused`: the scheduler would not have it. `not_begun`: its job
 * carried several runs, and ended before this one's turn. `unknown` is an answer:
 * nobody could be asked, or nobody has it for the first time. `lost`: everybody was asked twice and
 * nobody has it.
 */
export const RUN_STATES = [
  "planned",
  "refused",
  "pending",
  "running",
  "completed",
  "failed",
  "timeout",
  "out_of_memory",
  "node_fail",
  "preempted",
  "cancelled",
  "skipped",
  "not_begun",
  "lost",
  "unknown",
] as const;

/** One of {@linkcode RUN_STATES}. */
export type RunState = typeof RUN_STATES[number];

const ENDED: ReadonlySet<RunState> = new Set<RunState>([
  "refused",
  "completed",
  "failed",
  "timeout",
  "out_of_memory",
  "node_fail",
  "preempted",
  "cancelled",
  "skipped",
  "not_begun",
  "lost",
]);

/** Whether a run in this state will not change any more by itself. `unknown` is not ended. */
export function isEnded(state: RunState): boolean {
  return ENDED.has(state);
}

/** Whether this state may be run again by a plain `submit`. */
export function mayRunAgain(state: RunState): boolean {
  return isEnded(state) && state !== "completed";
}
