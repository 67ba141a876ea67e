import { UsageError } from "../../core/errors.ts";
import { fieldsOf } from "../fields.ts";
import { metricsNamed } from "../pivot.ts";
import type { ResultRecord } from "../records.ts";
import { seededDraw, shuffled } from "../statistics/random.ts";
import type { Use } from "../summary.ts";
import { factorsOf } from "./factors.ts";
import type { PictureOptions } from "./figure.ts";
import { countOf, type LeftOut, leftOutText, type Measured, measured } from "./left_out.ts";
import { type UnitAxis, unitAxis } from "./unit_axis.ts";

/** What parallel coordinates show. */
export interface ParallelOptions extends PictureOptions {
  /** The last axis, and the colour. */
  metric: string;
  /** Fields, an axis each; all parameters that differ unless told. */
  fields?: readonly string[];
  /** `last` unless told. */
  use?: Use;
  /** `seed` unless told. */
  seedKey?: string;
}

/** One end of a piece of a run's line, on an axis. */
export interface ParallelPoint {
  /** Position of the run among those drawn. */
  run: number;
  /** Position of the axis. */
  axis: number;
  /** Height on it, from 0 to 1. */
  at: number;
  /** Of the metric. */
  value: number;
}

/** Parallel coordinates in numbers. */
export interface Parallel {
  axes: UnitAxis[];
  points: ParallelPoint[];
  values: number[];
  caption: string[];
}

/** More lines than these only hide each other: a part is drawn. */
const MOST_LINES = 1000;
const MOST_AXES = 12;

/** Lines of completed runs. @throws {UsageError} for names no run has, or nothing to draw. */
export function parallelOf(records: readonly ResultRecord[], options: ParallelOptions): Parallel {
  const { use = "last", seedKey = "seed" } = options;
  const fields = fieldsOf(records);
  const metric = metricsNamed([options.metric], records, fields)[0]!.name;
  const { runs, leftOut } = measured(records, [metric], use);
  const factors = options.fields ?? factorsOf(runs.map(({ record }) => record), seedKey);
  const names = factors.slice(0, MOST_AXES - 1);
  if (runs.length === 0 || names.length === 0) {
    const why = runs.length === 0
      ? `no completed run has a finite ${metric}`
      : "no parameter differs between the runs";
    throw new UsageError(`Cannot plot parallel coordinates: ${why}`, {
      hint: "name fields with --field",
    });
  }
  const sample = runs.length <= MOST_LINES
    ? runs
    : shuffled(runs.length, seededDraw(0)).slice(0, MOST_LINES).map((at) => runs[at]!);
  const columns = names.map((name) => sample.map(({ record }) => fields(name).value(record)));
  const values = sample.map((run) => run.values[0]!);
  const axes = [
    ...names.map((name, at) => unitAxis(name, columns[at]!)),
    unitAxis(metric, values),
  ];
  const points = sample.flatMap((_, run) =>
    axes.flatMap((axis, at): ParallelPoint[] => {
      const place = axis.at(at < names.length ? columns[at]![run] : values[run]);
      return place === undefined ? [] : [{ run, axis: at, at: place, value: values[run]! }];
    })
  );
  const broken = sample.length * axes.length - points.length;
  return {
    axes,
    points,
    values,
    caption: captionOf({ metric, runs, sample, leftOut, broken, axes, factors }),
  };
}

function captionOf({ metric, runs, sample, leftOut, broken, axes, factors }: {
  metric: string;
  runs: readonly Measured[];
  sample: readonly Measured[];
  leftOut: LeftOut;
  broken: number;
  axes: readonly UnitAxis[];
  factors: readonly string[];
}): string[] {
  const logs = axes.filter(({ scale }) => scale === "log").map(({ name }) => name);
  return [
    sample.length < runs.length
      ? `${sample.length} of ${runs.length} runs, drawn by lot`
      : `a line: one of n = ${countOf(runs.length, "run")}`,
    ...(logs.length > 0 ? [`by logarithm: ${logs.join(", ")}`] : []),
    ...(factors.length >= axes.length
      ? [`${axes.length - 1} of ${factors.length} parameters; --field chooses`]
      : []),
    ...(broken > 0 ? [`gaps: ${broken} values that are absent, or null among numbers`] : []),
    ...leftOutText(leftOut, metric),
  ];
}
