import type { RetryableClass } from "./failures.ts";
import type { ParamValue } from "./params.ts";

/** What is done about one class of failure. */
export interface RetryRule {
  /** How often a run is retried after failures of this class. */
  times: number;
  /** Whether the node that it failed on is excluded. */
  exclude_node?: boolean;
  /** `x1.5`: so much more than it had; else a size. */
  mem?: string;
  /** `x2`: so much longer than it had; else a time limit. */
  time?: string;
  /** In the place of the one it had. */
  partition?: string;
  /**
   * Parameter (dotted key) → `/2`, `*2`, `+1`, `-1` of what it was, or a value in its place. The run
   * with other parameters is another run, a child of the one that failed.
   */
  params?: Record<string, ParamValue>;
}

/** What is retried without a person, and how often. */
export interface RetryPolicy {
  /** Retries of one run and its children, whatever they failed of. */
  max_per_run: number;
  /** Retries of all runs of the experiment. */
  max_per_sweep: number;
  /** What is not in it is not retried. */
  on: Partial<Record<RetryableClass, RetryRule>>;
}

/** Caps of a policy that names none. */
export const RETRY_CAPS = { max_per_run: 3, max_per_sweep: 100 } as const;
