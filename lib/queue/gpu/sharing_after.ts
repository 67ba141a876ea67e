import type { FailureClass } from "../../core/failures.ts";

/** How a run of a class ended, which shared its GPU. */
export interface SharedOutcome {
  run: string;
  /** Workers a GPU when it began. */
  workers: number;
  /** What it failed of; absent where it did not. */
  failure?: FailureClass;
}

/**
 * How many workers a GPU a class of runs may have, after what became of its runs in this allocation,
 * in their order.
 *
 * A run that is out of GPU memory beside others halves it; failures of runs that had begun before
 * that halving tell nothing new. At 1 it stays. It rises again on one kind of evidence only: the
 * very run is out of memory alone on a GPU too, so that sharing was not to blame.
 */
export function sharingAfter(workers: number, outcomes: readonly SharedOutcome[]): number {
  const tooLarge = new Set(
    outcomes.filter((one) => outOfMemory(one) && one.workers <= 1).map(({ run }) => run),
  );
  return outcomes.reduce(
    (now, one) =>
      outOfMemory(one) && !tooLarge.has(one.run) && one.workers <= now
        ? Math.max(1, Math.floor(one.workers / 2))
        : now,
    Math.max(1, workers),
  );
}

/** Whether sharing may be to blame for a failure: the run then goes back, and its try counts not. */
export function blamesSharing(outcome: SharedOutcome): boolean {
  return outOfMemory(outcome) && outcome.workers > 1;
}

function outOfMemory({ failure }: SharedOutcome): boolean {
  return failure === "cuda_oom";
}
