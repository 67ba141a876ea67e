import { sampleStandardDeviation } from "simple-statistics";
import { ascending, meanOf, quantileOf } from "./describe.ts";
import { normalCdf, normalQuantile, studentQuantile } from "./distributions.ts";
import { seededDraw } from "./random.ts";

/** Both ends of a confidence interval. */
export interface Interval {
  /** Lower end. */
  low: number;
  /** Upper end. */
  high: number;
}

/** What is estimated from a sample, such as its mean. */
export type Statistic = (values: readonly number[]) => number;

/** How an interval is made of resamples: bias-corrected and accelerated, or plain percentiles. */
export type BootstrapMethod = "bca" | "percentile";

/** How a bootstrap is done. */
export interface BootstrapOptions {
  /** The mean unless told. */
  statistic?: Statistic;
  /** 0.95 unless told. */
  level?: number;
  /** `bca` unless told. */
  method?: BootstrapMethod;
  /** 9,999 unless told; fewer, but 999, for samples of more than 200 values. */
  resamples?: number;
  /** 0 unless told. */
  seed?: number;
}

/**
 * Confidence interval of the mean by Student's t, for samples from about a normal distribution;
 * `undefined` below 2 values.
 */
export function tInterval(values: readonly number[], level = 0.95): Interval | undefined {
  if (values.length < 2) return undefined;
  const middle = meanOf(values);
  const error = sampleStandardDeviation(values as number[]) / Math.sqrt(values.length);
  const reach = studentQuantile((1 + level) / 2, values.length - 1) * error;
  return { low: middle - reach, high: middle + reach };
}

const MOST_DRAWS = 2_000_000;

/**
 * Confidence interval by resampling; the same seed gives the same interval. `undefined` below 2
 * values.
 */
export function bootstrapInterval(
  values: readonly number[],
  options: BootstrapOptions = {},
): Interval | undefined {
  if (values.length < 2) return undefined;
  const { statistic = meanOf, level = 0.95, method = "bca", seed = 0 } = options;
  const { resamples = Math.min(9999, Math.max(999, Math.floor(MOST_DRAWS / values.length))) } =
    options;
  const draw = seededDraw(seed);
  const replicates = Array.from(
    { length: resamples },
    () => statistic(values.map(() => values[draw(values.length)]!)),
  );
  return intervalOf(values, replicates, { statistic, level, method });
}

/** The interval that the statistic of each resample gives. */
export function intervalOf(
  values: readonly number[],
  replicates: readonly number[],
  { statistic, level, method }: { statistic: Statistic; level: number; method: BootstrapMethod },
): Interval {
  const sorted = ascending(replicates);
  const tail = (1 - level) / 2;
  const shares = method === "percentile"
    ? [tail, 1 - tail]
    : corrected(values, sorted, statistic, [tail, 1 - tail]);
  return { low: quantileOf(sorted, shares[0]!), high: quantileOf(sorted, shares[1]!) };
}

/** Shares of the resamples that BCa takes in the place of the plain ones (Efron 1987). */
function corrected(
  values: readonly number[],
  replicates: readonly number[],
  statistic: Statistic,
  shares: readonly number[],
): number[] {
  const found = statistic(values);
  const below = replicates.filter((value) => value < found).length;
  const upTo = replicates.filter((value) => value <= found).length;
  const bias = normalQuantile((below + upTo) / (2 * replicates.length));
  if (!Number.isFinite(bias)) return [...shares];
  const acceleration = accelerationOf(values, statistic);
  return shares.map((share) => {
    const shifted = bias + normalQuantile(share);
    return normalCdf(bias + shifted / (1 - acceleration * shifted));
  });
}

/** By the jackknife; deviations are scaled, so that no power of them vanishes. */
function accelerationOf(values: readonly number[], statistic: Statistic): number {
  const left = values.map((_, at) => statistic(values.filter((_, other) => other !== at)));
  const middle = meanOf(left);
  const widest = left.reduce((most, value) => Math.max(most, Math.abs(middle - value)), 0);
  if (widest === 0) return 0;
  const power = (exponent: number) =>
    left.reduce((sum, value) => sum + ((middle - value) / widest) ** exponent, 0);
  return power(3) / (6 * power(2) ** 1.5);
}
