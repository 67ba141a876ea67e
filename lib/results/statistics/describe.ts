import { mean, medianSorted, sampleStandardDeviation } from "simple-statistics";

/** With fewer values than these a reader is warned. */
export const FEWEST = 3;

/** A sample in numbers; none of them is there for an empty one. */
export interface Description {
  /** How many values. */
  n: number;
  /** Arithmetic mean. */
  mean: number;
  /** Sample standard deviation (n − 1); absent when `n` is below 2. */
  std?: number;
  /** The lowest value. */
  min: number;
  /** The middle one, or the mean of the two in the middle. */
  median: number;
  /** The highest value. */
  max: number;
  /** See {@linkcode interquartileMean}. */
  iqm: number;
}

/** Describes a sample of finite numbers; `undefined` when it is empty. */
export function describe(values: readonly number[]): Description | undefined {
  if (values.length === 0) return undefined;
  const sorted = ascending(values);
  return {
    n: values.length,
    mean: meanOf(values),
    ...(values.length < 2 ? {} : { std: sampleStandardDeviation(values as number[]) }),
    min: sorted[0]!,
    median: medianSorted(sorted),
    max: sorted.at(-1)!,
    iqm: trimmedMean(sorted),
  };
}

/** The arithmetic mean of a sample that is not empty. */
export function meanOf(values: readonly number[]): number {
  return mean(values as number[]);
}

/**
 * Interquartile mean: the mean without the lowest and highest quarter, each rounded down to whole
 * values, as `scipy.stats.trim_mean(x, 0.25)` and rliable have it. Below 4 values it is the mean.
 */
export function interquartileMean(values: readonly number[]): number {
  return trimmedMean(ascending(values));
}

/** The value below which a share of a sorted sample lies, by R's type 7, as in NumPy. */
export function quantileOf(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)]!;
  const high = sorted[Math.ceil(place)]!;
  return low + (high - low) * (place - Math.floor(place));
}

/** Rising order. */
export function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function trimmedMean(sorted: readonly number[]): number {
  const cut = Math.floor(sorted.length / 4);
  return meanOf(sorted.slice(cut, sorted.length - cut));
}
