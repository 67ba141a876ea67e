import type { ParamValue } from "../core/params.ts";
import { numericMetrics, replicates } from "./aggregate.ts";
import { showParam, type SplitParams, splitParams } from "./factors.ts";
import { fieldsOf } from "./fields.ts";
import { numberText, plainNumber } from "./numbers.ts";
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
import type { Cell, Table } from "./table_model.ts";

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
  experiment: string;
  /** Without the seed. */
  params: Record<string, ParamValue>;
  metric: string;
  direction: Direction;
  n: number;
  /** Confidence interval of the mean by Student's t; absent below 2 runs, as is the next. */
  t?: Interval;
  /** By resampling. */
  bootstrap?: Interval;
  missing: number;
  nonFinite: number;
}

/** Describes each metric over runs that differ by the seed only. Completed runs count. */
export function groupStatistics(
  records: readonly ResultRecord[],
  options: StatisticsOptions = {},
): GroupStatistics[] {
  const { use = "last", seedKey = "seed" } = options;
  const metrics = options.metrics?.length
    ? metricsNamed(options.metrics, records, fieldsOf(records))
    : numericMetrics(records);
  const completed = records.filter(({ state }) => state === "completed");
  return replicates(completed, seedKey).flatMap(({ params, members }) =>
    metrics.map(({ name, direction }) => ({
      experiment: members[0]!.experiment,
      params,
      metric: name,
      direction,
      ...statisticsOf(members.map((record) => metricOf(record, name, use)), options),
    }))
  );
}

function statisticsOf(all: (number | undefined)[], options: StatisticsOptions) {
  const { level = 0.95, bootstrap = "bca", seed = 0 } = options;
  const numbers = all.filter((value) => value !== undefined);
  const values = numbers.filter(Number.isFinite);
  return {
    n: values.length,
    ...describe(values),
    ...(values.length < 2 ? {} : {
      t: tInterval(values, level),
      bootstrap: bootstrapInterval(values, { level, seed, method: bootstrap }),
    }),
    missing: all.length - numbers.length,
    nonFinite: numbers.length - values.length,
  };
}

const NUMBERS = ["mean", "std", "median", "iqm", "min", "max"] as const;
const FEW = 3;

/** Lays out statistics: a row for each set of parameters and metric. */
export function statisticsTable(groups: readonly GroupStatistics[], level = 0.95): Table {
  const { varying, constant } = splitParams(groups.map(({ params }) => params));
  const several = new Set(groups.map(({ experiment }) => experiment)).size > 1;
  const rows = groups.map((group): Cell[] => [
    ...(several ? [{ text: group.experiment }] : []),
    ...varying.map((name) => ({ text: showParam(group.params[name]) })),
    { text: group.metric },
    { text: String(group.n) },
    ...NUMBERS.map((name) => numberCell(group[name])),
    intervalCell(group.t),
    intervalCell(group.bootstrap),
  ]);
  const share = `${Math.round(level * 1000) / 10}%`;
  return {
    columns: [
      ...[...(several ? ["experiment"] : []), ...varying, "metric", "n"]
        .map((name) => ({ name, kind: "key" as const })),
      ...[...NUMBERS, `${share} CI (t)`, `${share} CI (bootstrap)`]
        .map((name) => ({ name, kind: "value" as const })),
    ],
    rows,
    notes: notesOn(groups, constant),
  };
}

function numberCell(value: number | undefined): Cell {
  return { text: value === undefined ? "–" : plainNumber(numberText(value)) };
}

function intervalCell(interval: Interval | undefined): Cell {
  if (!interval) return { text: "–" };
  const [low, high] = [interval.low, interval.high].map((end) => plainNumber(numberText(end)));
  return { text: `${low} to ${high}` };
}

function notesOn(
  groups: readonly GroupStatistics[],
  constant: SplitParams["constant"],
): string[] {
  const same = Object.entries(constant).map(([name, value]) => `${name}=${showParam(value)}`);
  const total = (key: "missing" | "nonFinite") => groups.reduce((sum, one) => sum + one[key], 0);
  const few = groups.filter(({ n }) => n < FEW).length;
  return [
    ...(same.length > 0 ? [`same in all: ${same.join(", ")}`] : []),
    ...(total("nonFinite") > 0
      ? [`values left out as they are not finite: ${total("nonFinite")}`]
      : []),
    ...(total("missing") > 0 ? [`completed runs without the metric: ${total("missing")}`] : []),
    ...(few > 0 ? [`warning: n < ${FEW} in ${few} of ${groups.length} rows`] : []),
  ];
}

/**
 * The sets of parameters with the best means of one metric, the best first. One with a run that
 * diverged comes after all that have none; one without a value is not there.
 */
export function bestOf(groups: readonly GroupStatistics[]): GroupStatistics[] {
  return groups.filter(({ n }) => n > 0).sort((a, b) => {
    const sound = Number(a.nonFinite > 0) - Number(b.nonFinite > 0);
    const sign = a.direction === "min" ? 1 : -1;
    return sound || sign * (a.mean! - b.mean!);
  });
}
