import { normalCdf } from "./distributions.ts";

/** Outcome of the signed-rank test. */
export interface SignedRank {
  /** Sum of the ranks of differences above 0, and below. */
  above: number;
  below: number;
  /** Two-sided. */
  p: number;
  method: "exact" | "normal approximation";
  /** Pairs that differ; the others say nothing here, and are left out (Wilcoxon's way). */
  n: number;
}

/** Most pairs for which all orders of signs are counted. */
const EXACT_UP_TO = 50;

/**
 * Wilcoxon's signed-rank test on the differences of pairs, two-sided. Exact, also with ties, up to
 * 50 pairs; above that by the normal distribution, corrected for ties.
 */
export function signedRank(differences: readonly number[]): SignedRank {
  const changed = differences.filter((difference) => difference !== 0);
  const ranks = doubledRanks(changed.map(Math.abs));
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const doubled = ranks.reduce((sum, rank, at) => changed[at]! > 0 ? sum + rank : sum, 0);
  const exact = changed.length <= EXACT_UP_TO;
  return {
    above: doubled / 2,
    below: (total - doubled) / 2,
    p: exact ? exactP(ranks, doubled, total) : normalP(ranks, doubled, total),
    method: exact ? "exact" : "normal approximation",
    n: changed.length,
  };
}

/** Twice the rank of each size, equal ones sharing the mean of theirs: always whole numbers. */
function doubledRanks(sizes: readonly number[]): number[] {
  const order = sizes.map((size, at) => ({ size, at })).sort((a, b) => a.size - b.size);
  const ranks = new Array<number>(sizes.length);
  for (let first = 0; first < order.length;) {
    let last = first;
    while (last + 1 < order.length && order[last + 1]!.size === order[first]!.size) last++;
    for (let at = first; at <= last; at++) ranks[order[at]!.at] = first + last + 2;
    first = last + 1;
  }
  return ranks;
}

/** Share of all 2^n orders of signs whose sum is at least as far from the middle. */
function exactP(ranks: readonly number[], found: number, total: number): number {
  const ways = new Float64Array(total + 1);
  ways[0] = 1;
  for (const rank of ranks) {
    for (let sum = total; sum >= rank; sum--) ways[sum]! += ways[sum - rank]!;
  }
  const edge = Math.min(found, total - found);
  const tail = ways.subarray(0, edge + 1).reduce((sum, count) => sum + count, 0);
  return Math.min(1, 2 * tail / 2 ** ranks.length);
}

function normalP(ranks: readonly number[], found: number, total: number): number {
  const variance = ranks.reduce((sum, rank) => sum + rank ** 2, 0) / 4;
  return Math.min(1, 2 * normalCdf(-Math.abs(found - total / 2) / Math.sqrt(variance)));
}
