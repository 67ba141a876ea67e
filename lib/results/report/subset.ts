import type { ParamValue } from "../../core/params.ts";
import { type NumericMetric, numericMetrics, replicates } from "../aggregate.ts";
import { fieldsOf } from "../fields.ts";
import { bestGroups } from "../group_statistics.ts";
import { metricsNamed } from "../pivot.ts";
import { factorsOf } from "../plots/factors.ts";
import type { ResultRecord } from "../records.ts";
import { metricOf } from "../summary.ts";

/** What a report is about, small enough for a page. */
export interface ReportScope {
  /** What sets of parameters are ranked by. */
  metric: NumericMetric;
  /** That one first. */
  metrics: string[];
  /** Parameters that differ, without the seed. */
  factors: string[];
  /** Records of the sets that are shown: the best, and the first as baseline. */
  records: ResultRecord[];
  /** Of the first set of parameters. */
  baseline: Record<string, ParamValue>;
  /** The best sets first. */
  ranked: Record<string, ParamValue>[];
  /** Sets that there are, and that are shown. */
  sets: { all: number; shown: number };
  /** Runs that are in no number. */
  notCompleted: number;
  /** Whether a run of the metric is NaN or infinite: its set comes after all others. */
  diverged: boolean;
}

const MOST_SETS = 30;
const MOST_METRICS = 5;

/** Chooses what is shown; `undefined` when no run has a metric that is a number. */
export function scopeOf(
  records: readonly ResultRecord[],
  wanted?: string,
): ReportScope | undefined {
  const known = numericMetrics(records);
  const metric = wanted === undefined
    ? known[0]
    : metricsNamed([wanted], records, fieldsOf(records))[0];
  if (!metric) return undefined;
  const completed = records.filter(({ state }) => state === "completed");
  const groups = replicates(completed);
  const ranked = bestGroups(records, metric.name, MOST_SETS).map(({ params }) => params);
  const keep = new Set(ranked.map((params) => JSON.stringify(params)));
  const first = groups[0]?.params;
  if (first) keep.add(JSON.stringify(first));
  const shown = groups.filter(({ params }) => keep.has(JSON.stringify(params)));
  const others = known.map(({ name }) => name).filter((name) => name !== metric.name);
  return {
    metric,
    metrics: [metric.name, ...others].slice(0, MOST_METRICS),
    factors: factorsOf(completed, "seed"),
    records: shown.flatMap(({ members }) => members),
    baseline: first ?? {},
    ranked,
    sets: { all: groups.length, shown: shown.length },
    notCompleted: records.length - completed.length,
    diverged: completed.some((record) => {
      const value = metricOf(record, metric.name, "last");
      return value !== undefined && !Number.isFinite(value);
    }),
  };
}
