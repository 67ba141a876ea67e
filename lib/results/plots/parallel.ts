import { UsageError } from "../../core/errors.ts";
import { fieldsOf } from "../fields.ts";
import { metricsNamed } from "../pivot.ts";
import type { ResultRecord } from "../records.ts";
import { seededDraw, shuffled } from "../statistics/random.ts";
import type { Use } from "../summary.ts";
import { viridis } from "./colors.ts";
import { factorsOf } from "./factors.ts";
import { drawing, PAGE_WIDTH, picture, type PictureOptions } from "./figure.ts";
import { fitText, labelWidth } from "./labels.ts";
import { countOf, type LeftOut, leftOutText, type Measured, measured } from "./left_out.ts";
import { xmlText } from "./svg.ts";
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
    ...(broken > 0 ? [`gaps: ${broken} values that runs do not have`] : []),
    ...leftOutText(leftOut, metric),
  ];
}

/**
 * Draws each run as a line over its parameters to a metric, which also gives the colour.
 *
 * @throws {UsageError} for names that no run has, or nothing to draw.
 *
 * @example
 * ```ts
 * import { plotParallel, type ResultRecord } from "@expflow/cli";
 *
 * const records = [0, 1, 2, 3].map((run): ResultRecord => ({
 *   experiment: "exp001",
 *   run,
 *   state: "completed",
 *   params: { lr: 10 ** -run, model: run % 2 ? "r18" : "r50" },
 *   metrics: { acc: { last: 0.9 + run / 100, source: "result.json" } },
 *   jobs: {},
 *   sources: [],
 *   problems: [],
 * }));
 * const svg = await plotParallel(records, { metric: "acc" });
 * if (!svg.includes("n = 4 runs")) throw new Error(svg);
 * ```
 */
export async function plotParallel(
  records: readonly ResultRecord[],
  options: ParallelOptions,
): Promise<string> {
  const { width = PAGE_WIDTH } = options;
  const { axes, points, values, caption } = parallelOf(records, options);
  const draw = await drawing();
  const { Plot } = draw;
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const color = viridis(draw, low, high);
  const first = Math.max(...axes[0]!.ticks.map(({ label }) => labelWidth(label, 11)));
  const margin = { left: Math.max(40, first + 14), right: 40 };
  const apart = (width - margin.left - margin.right) / (axes.length - 1);
  const ticks = axes.flatMap((axis, at) => axis.ticks.map((tick) => ({ ...tick, axis: at })));
  const heads = axes.map(({ name }, axis) => ({ axis, text: fitText(xmlText(name), apart - 6) }));
  const plot = draw.part({
    width,
    height: options.height ?? Math.round(width * 0.3 + 110),
    marginLeft: margin.left,
    marginRight: margin.right,
    marginTop: 30,
    marginBottom: 16,
    x: { axis: null, domain: [0, axes.length - 1] },
    y: { axis: null, domain: [0, 1] },
    marks: [
      Plot.line(points, {
        x: "axis",
        y: "at",
        z: "run",
        stroke: ({ value }: ParallelPoint) => color(value),
        strokeOpacity: values.length > 100 ? 0.45 : 0.85,
        strokeWidth: 1.3,
      }),
      Plot.ruleX(axes.map((_, at) => at), { stroke: "#333" }),
      Plot.text(ticks, {
        x: "axis",
        y: "at",
        text: ({ label }: typeof ticks[number]) => fitText(label, apart - 12, 11),
        dx: -6,
        textAnchor: "end",
        fontSize: 11,
        stroke: "#fff",
        strokeWidth: 4,
        fill: "#000",
      }),
      Plot.text(heads, {
        x: "axis",
        frameAnchor: "top",
        text: "text",
        dy: -18,
        fontWeight: "bold",
      }),
    ],
  });
  const ramp = { label: xmlText(axes.at(-1)!.name), low, high, color };
  return picture([plot], { ...options, width, ramp, caption });
}
