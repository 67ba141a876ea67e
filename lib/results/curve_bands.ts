import { mean, sampleStandardDeviation } from "simple-statistics";
import type { Curve } from "./series.ts";

/** How the spread over seeds is shown: from the lowest to the highest, or ± one standard deviation. */
export type BandKind = "minmax" | "std";

/** One step of the curves of a group. */
export interface BandPoint {
  step: number;
  mean: number;
  low: number;
  high: number;
  /** Curves that have this step. */
  n: number;
}

/** Mean and spread over replicates at each step that any of them has, by rising step. */
export function curveBand(curves: readonly Curve[], kind: BandKind): BandPoint[] {
  const steps = new Map<number, number[]>();
  for (const { points } of curves) {
    for (const { step, value } of points) {
      const values = steps.get(step);
      if (values) values.push(value);
      else steps.set(step, [value]);
    }
  }
  return Array.from(steps, ([step, values]) => ({ step, ...spread(values, kind) }))
    .sort((a, b) => a.step - b.step);
}

function spread(values: number[], kind: BandKind): Omit<BandPoint, "step"> {
  const middle = mean(values);
  const n = values.length;
  if (kind === "minmax") {
    return { mean: middle, low: Math.min(...values), high: Math.max(...values), n };
  }
  const std = n < 2 ? 0 : sampleStandardDeviation(values);
  return { mean: middle, low: middle - std, high: middle + std, n };
}
