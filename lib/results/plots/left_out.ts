import type { ResultRecord } from "../records.ts";
import { metricOf, type Use } from "../summary.ts";

/** Runs that a plot does not show. They are counted, and never drawn as zero. */
export interface LeftOut {
  /** Failed, waiting, or still running. */
  notCompleted: number;
  /** Without a value that is needed. */
  missing: number;
  /** With NaN or an infinite value. */
  nonFinite: number;
}

/** The same in words; nothing where nothing is left out. */
export function leftOutText({ notCompleted, missing, nonFinite }: LeftOut, what: string): string[] {
  const parts = [
    [notCompleted, "not completed"] as const,
    [missing, `without ${what}`] as const,
    [nonFinite, "NaN or infinite"] as const,
  ].filter(([count]) => count > 0).map(([count, why]) => `${count} ${why}`);
  return parts.length === 0 ? [] : [`left out: ${parts.join(", ")}`];
}

/** A run with its values of the metrics that a plot needs, in their order. */
export interface Measured {
  record: ResultRecord;
  values: number[];
}

/** Completed runs that have a finite number for every metric, and how many have not. */
export function measured(
  records: readonly ResultRecord[],
  metrics: readonly string[],
  use: Use,
): { runs: Measured[]; leftOut: LeftOut } {
  const completed = records.filter(({ state }) => state === "completed");
  const leftOut = { notCompleted: records.length - completed.length, missing: 0, nonFinite: 0 };
  const runs = completed.flatMap((record): Measured[] => {
    const values = metrics.map((metric) => metricOf(record, metric, use));
    if (values.every((value) => Number.isFinite(value))) {
      return [{ record, values: values as number[] }];
    }
    if (values.includes(undefined)) leftOut.missing++;
    else leftOut.nonFinite++;
    return [];
  });
  return { runs, leftOut };
}

/** `1 run`, `12 runs`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `n = 5 runs`, or `n = 3 to 5 runs`. */
export function countRange(counts: readonly number[], one: string): string {
  const low = counts.reduce((a, b) => Math.min(a, b));
  const high = counts.reduce((a, b) => Math.max(a, b));
  return low === high ? `n = ${countOf(low, one)}` : `n = ${low} to ${high} ${one}s`;
}
