import { seededDraw } from "./random.ts";

/** Outcome of the permutation test. */
export interface SignFlip {
  /** Mean of the differences. */
  mean: number;
  /** Two-sided. */
  p: number;
  method: "exact" | "random";
  /** Orders of signs that were looked at. */
  flips: number;
}

/** Most pairs for which all 2^n orders of signs are tried. */
const EXACT_UP_TO = 14;
const RANDOM_FLIPS = 9999;
const ROUNDING = 1e-12;

/**
 * Permutation test on the differences of pairs, two-sided: how often their sum is as far from 0 when
 * signs are flipped. All orders of signs up to 14 pairs; above, 9,999 random ones and the one found.
 */
export function signFlip(differences: readonly number[], seed = 0): SignFlip {
  const n = differences.length;
  const sum = differences.reduce((total, difference) => total + difference, 0);
  const scale = differences.reduce((total, difference) => total + Math.abs(difference), 0);
  const edge = Math.abs(sum) - ROUNDING * scale;
  const mean = sum / n;
  if (n <= EXACT_UP_TO) {
    const far = countFar(differences, edge, 0, 0);
    return { mean, p: far / 2 ** n, method: "exact", flips: 2 ** n };
  }
  const draw = seededDraw(seed);
  let far = 1;
  for (let flip = 0; flip < RANDOM_FLIPS; flip++) {
    const flipped = differences.reduce(
      (total, one) => draw(2) === 1 ? total + one : total - one,
      0,
    );
    if (Math.abs(flipped) >= edge) far++;
  }
  return { mean, p: far / (RANDOM_FLIPS + 1), method: "random", flips: RANDOM_FLIPS + 1 };
}

function countFar(differences: readonly number[], edge: number, at: number, sum: number): number {
  if (at === differences.length) return Math.abs(sum) >= edge ? 1 : 0;
  const one = differences[at]!;
  return countFar(differences, edge, at + 1, sum + one) +
    countFar(differences, edge, at + 1, sum - one);
}
