import type { ParamValue } from "../core/params.ts";
import { numericMetrics, replicates } from "./aggregate.ts";
import { fieldsOf } from "./fields.ts";
import { metricsNamed } from "./pivot.ts";
import type { Direction, ResultRecord } from "./records.ts";
import { describe, type Description } from "./statistics/describe.ts";
import {
  bootstrapInterval,
  type BootstrapMethod,
  type Interval,
  tInterval,
} from "./statistics/intervals.ts";
import { metricOf, type Use } from "./summary.ts";

/** How runs that differ by the seed only are described. */
export interface StatisticsOptions {
  /** All that are a number in a run unless told. */
  metrics?: readonly string[];
  /** `last` unless told. */
  use?: Use;
  /** `seed` unless told. */
  seedKey?: string;
  /** Of the intervals; 0.95 unless told. */
  level?: number;
  /** `bca` unless told. */
  bootstrap?: BootstrapMethod;
  /** Of the bootstrap; 0 unless told. */
  seed?: number;
}

/** One metric over the completed runs of one set of parameters. */
export interface GroupStatistics extends Partial<Description> {
  /** Id of the experiment. */
  experiment: string;
  /** Without the seed. */
  params: Record<string, ParamValue>;
  /** Name of the metric. */
  metric: string;
  /** Which way is better. */
  direction: Direction;
  /** Runs that count. */
  n: number;
  /** Confidence interval of the mean by Student's t; absent below 2 runs, as is the next. */
  t?: Interval;
  /** By resampling. */
  bootstrap?: Interval;
  /** Runs without the metric, or with one that is no number. */
  missing: number;
  /** Runs whose value is NaN or infinite. */
  nonFinite: number;
}

/**
 * Describes each metric over runs that differ by the seed only. Completed runs count.
 *
 * @example
 * ```ts
 * import { groupStatistics, type ResultRecord } from "@expflow/cli";
 *
 * const records = [0, 1, 2].map((seed): ResultRecord => ({
 *   experiment: "exp001",
 *   run: seed,
 *   state: "completed",
 *   params: { lr: 0.1, seed },
 *   metrics: { acc: { last: 0.9 + seed / 100, source: "result.json" } },
 *   jobs: {},
 *   sources: [],
 *   problems: [],
 * }));
 * const [group] = groupStatistics(records);
 * const { low } = group!.t!;
 * if (group?.n !== 3 || Math.abs(low - 0.88516) > 1e-5) throw new Error(`${group?.n} ${low}`);
 * ```
 */
export function groupStatistics(
  records: readonly ResultRecord[],
  options: StatisticsOptions = {},
): GroupStatistics[] {
  return samplesOf(records, options).map((sample) => withIntervals(sample, options));
}

/**
 * The sets of parameters with the best means of one metric, the best first. One with a run that
 * diverged comes after all that have none; one without a value is not there.
 *
 * @throws {UsageError} when no run has the metric as a number.
 */
export function bestGroups(
  records: readonly ResultRecord[],
  metric: string,
  top: number,
  options: StatisticsOptions = {},
): GroupStatistics[] {
  const samples = samplesOf(records, { ...options, metrics: [metric] });
  const ranked = samples.filter(({ group }) => group.n > 0).sort(({ group: a }, { group: b }) => {
    const sound = Number(a.nonFinite > 0) - Number(b.nonFinite > 0);
    return sound || (a.direction === "min" ? 1 : -1) * (a.mean! - b.mean!);
  });
  return ranked.slice(0, top).map((sample) => withIntervals(sample, options));
}

interface Sample {
  group: GroupStatistics;
  values: number[];
}

function samplesOf(records: readonly ResultRecord[], options: StatisticsOptions): Sample[] {
  const { use = "last", seedKey = "seed" } = options;
  const metrics = options.metrics?.length
    ? metricsNamed(options.metrics, records, fieldsOf(records))
    : numericMetrics(records);
  const completed = records.filter(({ state }) => state === "completed");
  return replicates(completed, seedKey).flatMap(({ params, members }) =>
    metrics.map(({ name, direction }) => {
      const all = members.map((record) => metricOf(record, name, use));
      const numbers = all.filter((value) => value !== undefined);
      const values = numbers.filter(Number.isFinite);
      const group: GroupStatistics = {
        experiment: members[0]!.experiment,
        params,
        metric: name,
        direction,
        n: values.length,
        ...describe(values),
        missing: all.length - numbers.length,
        nonFinite: numbers.length - values.length,
      };
      return { group, values };
    })
  );
}

function withIntervals({ group, values }: Sample, options: StatisticsOptions): GroupStatistics {
  if (values.length < 2) return group;
  const { level = 0.95, bootstrap: method = "bca", seed = 0 } = options;
  const bootstrap = bootstrapInterval(values, { level, seed, method });
  return { ...group, t: tInterval(values, level), bootstrap };
}
