import { numericMetrics } from "./aggregate.ts";
import type { MetricScalar, ResultRecord } from "./records.ts";

/** A metric of a run and of its reproduction. */
export interface VerifiedMetric {
  /** As the runs call it. */
  name: string;
  /** Last value of the original; `null` where it has none. */
  original: MetricScalar;
  /** Last value of the reproduction; `null` where it has none. */
  reproduced: MetricScalar;
  /** The second minus the first, where both are numbers. */
  difference?: number;
  /** `missing`: one of them does not have it. */
  verdict: "equal" | "different" | "missing";
}

/**
 * Compares the last values of all metrics of two runs. Two numbers are equal when their difference is
 * at most `tolerance` times the larger of 1 and their magnitude; anything else when it is the same.
 */
export function verifyRecords(
  original: ResultRecord,
  reproduced: ResultRecord,
  tolerance: number,
): VerifiedMetric[] {
  const numeric = numericMetrics([original, reproduced]).map(({ name }) => name);
  const others = [original, reproduced].flatMap(({ metrics }) => Object.keys(metrics));
  return [...new Set([...numeric, ...others])].map((name) =>
    verify(name, valueOf(original, name), valueOf(reproduced, name), tolerance)
  );
}

function valueOf({ metrics }: ResultRecord, name: string): MetricScalar {
  return Object.hasOwn(metrics, name) ? metrics[name]!.last : null;
}

function verify(
  name: string,
  original: MetricScalar,
  reproduced: MetricScalar,
  tolerance: number,
): VerifiedMetric {
  const both = { name, original, reproduced };
  if (original === null || reproduced === null) return { ...both, verdict: "missing" };
  if (typeof original !== "number" || typeof reproduced !== "number") {
    return { ...both, verdict: original === reproduced ? "equal" : "different" };
  }
  const difference = reproduced - original;
  const scale = Math.max(1, Math.abs(original), Math.abs(reproduced));
  const verdict = Math.abs(difference) <= tolerance * scale ? "equal" : "different";
  return { ...both, difference, verdict };
}
