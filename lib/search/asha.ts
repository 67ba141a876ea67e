import type { AshaSpec } from "../core/search.ts";

/** A finite value that a trial has at a rung; higher is better here. */
export interface Scored {
  trial: number;
  score: number;
}

/** A trial that goes on with more. */
export interface Promotion {
  trial: number;
  /** The rung that it is promoted to, from 1. */
  rung: number;
}

/** Budget of each rung: `min`, then `reduction` times as much each, and `max` in the end. */
export function budgetsOf({ min, max, reduction }: AshaSpec): number[] {
  const budgets: number[] = [];
  for (let budget = min; budget < max; budget *= reduction) budgets.push(budget);
  return [...budgets, max];
}

/**
 * The next promotion of asynchronous successive halving (Li et al., 2020): from the highest rung
 * down, a trial that is among the best `1 / reduction` of those known at its rung and was not
 * promoted yet. What failed is not known. Of equal scores, the earlier trial comes first.
 *
 * @param rungs what is known at each rung but the last.
 * @param promoted trials that left each of these rungs.
 */
export function nextPromotion(
  rungs: readonly (readonly Scored[])[],
  promoted: readonly ReadonlySet<number>[],
  reduction: number,
): Promotion | undefined {
  for (let rung = rungs.length - 1; rung >= 0; rung--) {
    const known = rungs[rung]!;
    const quota = Math.floor(known.length / reduction);
    const best = known.toSorted((a, b) => b.score - a.score || a.trial - b.trial).slice(0, quota);
    const next = best.find(({ trial }) => !promoted[rung]!.has(trial));
    if (next) return { trial: next.trial, rung: rung + 1 };
  }
  return undefined;
}
