import { mean, sampleStandardDeviation } from "simple-statistics";
import { isNonFinite, type MetricScalar, type ResultRecord } from "./records.ts";

/** One metric over the completed runs of a group. */
export interface MetricSummary {
  /** Runs that count here. */
  n: number;
  /** Absent, like `min` and `max`, when `n` is 0. */
  mean?: number;
  /** Sample standard deviation (n − 1); absent when `n` is below 2. */
  std?: number;
  min?: number;
  max?: number;
  /** Runs without the metric, or with one that is no number. */
  missing: number;
  /** Runs whose value is NaN or infinite. */
  nonFinite: number;
}

/** Which value of a run counts: the last one written, or the best of its series. */
export type Use = "last" | "best";

/** Summarises one metric; runs without a finite value are counted, never replaced. */
export function summarise(
  completed: readonly ResultRecord[],
  metric: string,
  use: Use,
): MetricSummary {
  const values: number[] = [];
  let nonFinite = 0;
  for (const record of completed) {
    const value = valueOf(record, metric, use);
    if (typeof value === "number") values.push(value);
    else if (isNonFinite(value)) nonFinite++;
  }
  const n = values.length;
  const counted = { n, missing: completed.length - n - nonFinite, nonFinite };
  if (n === 0) return counted;
  return {
    ...counted,
    mean: mean(values),
    ...(n < 2 ? {} : { std: sampleStandardDeviation(values) }),
    min: values.reduce((a, b) => Math.min(a, b)),
    max: values.reduce((a, b) => Math.max(a, b)),
  };
}

/** A metric of a run as a number, which may be NaN or infinite; `undefined` when it is none. */
export function metricOf(record: ResultRecord, metric: string, use: Use): number | undefined {
  const value = valueOf(record, metric, use);
  if (typeof value === "number") return value;
  return isNonFinite(value) ? Number(value) : undefined;
}

function valueOf({ metrics }: ResultRecord, metric: string, use: Use): MetricScalar {
  if (!Object.hasOwn(metrics, metric)) return null;
  const { best, last } = metrics[metric]!;
  return use === "best" ? best ?? last : last;
}
