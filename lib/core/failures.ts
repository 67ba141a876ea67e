/**
 * What a run can fail of. `unknown` is an answer: no rule knows what happened. `lost`: nobody knows
 * what became of its job. `setup`: its script could not prepare what the experiment asks for.
 */
export const FAILURE_CLASSES = [
  "cuda_oom",
  "gpu_error",
  "host_oom",
  "timeout",
  "preempted",
  "node_fail",
  "not_begun",
  "network",
  "software",
  "setup",
  "storage",
  "permission",
  "data",
  "no_output",
  "nan",
  "segfault",
  "illegal_instruction",
  "cancelled",
  "refused",
  "skipped",
  "lost",
  "unknown",
] as const;

/** One of {@linkcode FAILURE_CLASSES}. */
export type FailureClass = typeof FAILURE_CLASSES[number];

/** Ends that somebody wanted, or that come of another stage: running again is no remedy. */
const WANTED: ReadonlySet<FailureClass> = new Set(["cancelled", "refused", "skipped"]);

/** A class of failure that a policy may retry. */
export type RetryableClass = Exclude<FailureClass, "cancelled" | "refused" | "skipped">;

/** Whether a policy may retry it. */
export function isRetryable(failure: FailureClass): failure is RetryableClass {
  return !WANTED.has(failure);
}
