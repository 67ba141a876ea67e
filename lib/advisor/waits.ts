import { quantileSorted } from "simple-statistics";
import type { PastWait } from "../cluster/probes/past_waits.ts";

/** How long the user's own jobs waited. */
export interface WaitHistory {
  /** How many jobs it is from. */
  jobs: number;
  /** The partition; absent where there were too few in it, and all partitions count. */
  partition?: string;
  /** Seconds that a quarter, half, and three quarters of them waited at most. */
  quartiles: [number, number, number];
}

/** When a job would start, as a range; seconds from now. */
export interface WaitRange {
  /** In seconds. */
  from: number;
  /** In seconds. */
  to: number;
  /** What it is made of, for a reader. */
  source: string;
}

/** Fewer jobs than this are no history. */
const ENOUGH = 5;

/** The waits in a partition; of all partitions where there were too few; or none. */
export function historyOf(
  waits: readonly PastWait[],
  partition: string | undefined,
): WaitHistory | undefined {
  const here = waits.filter((one) => one.partition === partition);
  const some = here.length >= ENOUGH ? here : waits;
  if (some.length < ENOUGH) return undefined;
  const sorted = some.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const at = (share: number) => Math.round(quantileSorted(sorted, share));
  return {
    jobs: some.length,
    ...some === here && partition !== undefined ? { partition } : {},
    quartiles: [at(0.25), at(0.5), at(0.75)],
  };
}

/**
 * Slurm's estimate widened by the user's own waits: jobs that end before their limit make it too
 * late, jobs that come later with a higher priority too early. Neither end is a promise.
 */
export function waitRange(
  estimate: number | undefined,
  history: WaitHistory | undefined,
): WaitRange | undefined {
  const past = history &&
    `quartiles of your ${history.jobs} last jobs${
      history.partition === undefined ? "" : ` in ${history.partition}`
    }`;
  const [low, , high] = history?.quartiles ?? [];
  if (estimate === undefined) {
    return low === undefined ? undefined : { from: low, to: high!, source: past! };
  }
  const from = Math.min(estimate, low ?? estimate);
  const to = Math.max(estimate, high ?? estimate);
  return {
    from,
    to,
    source: past === undefined ? "sbatch --test-only" : `sbatch --test-only and ${past}`,
  };
}
