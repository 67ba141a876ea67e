import { ascending, describe, type Description } from "./describe.ts";
import { type Interval, tInterval } from "./intervals.ts";

/** One point of a curve. */
export interface StepValue {
  step: number;
  value: number;
}

/** All curves at one step of their common grid. */
export interface GridPoint extends Description {
  step: number;
  /** Confidence interval of the mean by Student's t; absent below 2 curves. */
  t?: Interval;
}

const MOST_STEPS = 200;

/**
 * Aggregates curves that need not have the same steps, each by rising step: at every step of a
 * common grid, over the curves that reach it. Between two steps of its own a curve is a straight
 * line; before its first and behind its last it is not there, and `n` says so. The grid is every
 * step that any curve has, or 200 even ones when these are more.
 */
export function aggregateCurves(
  curves: readonly (readonly StepValue[])[],
  options: { steps?: readonly number[]; level?: number } = {},
): GridPoint[] {
  const steps = options.steps ?? gridOf(curves);
  return steps.flatMap((step): GridPoint[] => {
    const values = curves.flatMap((curve) => valueAt(curve, step) ?? []);
    const description = describe(values);
    if (!description) return [];
    const t = tInterval(values, options.level);
    return [{ step, ...description, ...(t ? { t } : {}) }];
  });
}

function gridOf(curves: readonly (readonly StepValue[])[]): number[] {
  const steps = ascending([...new Set(curves.flatMap((curve) => curve.map(({ step }) => step)))]);
  if (steps.length <= MOST_STEPS) return steps;
  const [first, last] = [steps[0]!, steps.at(-1)!];
  const width = (last - first) / (MOST_STEPS - 1);
  return Array.from(
    { length: MOST_STEPS },
    (_, at) => at === MOST_STEPS - 1 ? last : first + at * width,
  );
}

function valueAt(curve: readonly StepValue[], step: number): number | undefined {
  let [low, high] = [0, curve.length - 1];
  if (high < 0 || step < curve[0]!.step || step > curve[high]!.step) return undefined;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (curve[middle]!.step <= step) low = middle;
    else high = middle;
  }
  const [a, b] = [curve[low]!, curve[high]!];
  if (step === a.step) return a.value;
  if (step === b.step) return b.value;
  return a.value + (b.value - a.value) * (step - a.step) / (b.step - a.step);
}
