import type { Curve } from "../series.ts";
import { aggregateCurves, type GridPoint } from "../statistics/curve_grid.ts";

/**
 * How the spread over seeds is shown: the 95% confidence interval of the mean by Student's t, from
 * the lowest to the highest, or ± one standard deviation.
 */
export type BandKind = "ci" | "minmax" | "std";

/** The same, for those who choose. */
export const BAND_KINDS = ["ci", "minmax", "std"] as const;

/** The same in words. */
export const BAND_WORDS: Record<BandKind, string> = {
  ci: "95% confidence interval of the mean (t)",
  minmax: "lowest to highest",
  std: "± one standard deviation",
};

/** One step of the curves of a group. */
export interface BandPoint {
  step: number;
  mean: number;
  /** As `high`, the mean where a single curve has no spread. */
  low: number;
  high: number;
  /** Curves that reach this step. */
  n: number;
}

/** Mean and spread over replicates on a grid of common steps, by rising step. */
export function curveBand(curves: readonly Curve[], kind: BandKind): BandPoint[] {
  return aggregateCurves(curves.map(({ points }) => points)).map((point) => {
    const { step, mean, n } = point;
    return { step, mean, n, ...spread(point, kind) };
  });
}

function spread({ mean, std = 0, min, max, t }: GridPoint, kind: BandKind) {
  if (kind === "minmax") return { low: min, high: max };
  if (kind === "std") return { low: mean - std, high: mean + std };
  return { low: t?.low ?? mean, high: t?.high ?? mean };
}
