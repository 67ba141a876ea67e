import { UsageError } from "../../core/errors.ts";
import { pivot } from "../pivot.ts";
import type { ResultRecord } from "../records.ts";
import { meanOf } from "../statistics/describe.ts";
import { tInterval } from "../statistics/intervals.ts";
import type { Use } from "../summary.ts";
import { axisOrder, factorsOf } from "./factors.ts";
import type { PictureOptions } from "./figure.ts";
import { distinctLabels, valueLabel } from "./labels.ts";
import { countRange, leftOutText } from "./left_out.ts";

/** What bars show. */
export interface BarPlotOptions extends PictureOptions {
  /** Name of the metric. */
  metric: string;
  /** Fields, a bar for each of their values; all parameters that differ unless told. */
  x?: readonly string[];
  /** A field, a bar of its own colour for each of its values. */
  color?: string;
  /** `last` unless told. */
  use?: Use;
  /** `seed` unless told. */
  seedKey?: string;
  /** With its unit; the metric unless told. */
  xLabel?: string;
}

/** One bar. */
export interface Bar {
  /** Which bars it stands with. */
  label: string;
  /** Value of the field that gives the colour; empty without one. */
  color: string;
  mean: number;
  /** 95% confidence interval of the mean by Student's t; absent below 2 runs. */
  low?: number;
  high?: number;
  /** One a run. */
  values: number[];
}

/** Bars of a metric in numbers. */
export interface Bars {
  bars: Bar[];
  /** In the order of the plot. */
  labels: string[];
  colors: string[];
  fields: readonly string[];
  caption: string[];
}

/** Means over completed runs by the values of fields. @throws {UsageError} for names no run has. */
export function barsOf(records: readonly ResultRecord[], options: BarPlotOptions): Bars {
  const { metric, color, use, seedKey = "seed" } = options;
  const fields = options.x ?? factorsOf(records, seedKey).filter((name) => name !== color);
  const cols = color === undefined ? [] : [color];
  const found = pivot(records, { rows: fields, cols, metrics: [metric], use, seedKey });
  const labelAt = distinctLabels(
    found.rows.map((values) => values.map((one) => valueLabel(one)).join(", ")),
  );
  const colorAt = distinctLabels(found.columns.map(({ values }) => valueLabel(values[0])));
  const leftOut = { notCompleted: found.notCounted, missing: 0, nonFinite: 0 };
  const bars = found.cells.flatMap((row, at) =>
    row.flatMap((cell, column): Bar[] => {
      if (!cell) return [];
      leftOut.missing += cell.missing;
      leftOut.nonFinite += cell.nonFinite;
      if (cell.values.length === 0) return [];
      return [{
        label: labelAt[at]!,
        color: color === undefined ? "" : colorAt[column]!,
        mean: meanOf(cell.values),
        ...tInterval(cell.values),
        values: cell.values,
      }];
    })
  );
  if (bars.length === 0) {
    throw new UsageError(`Cannot plot ${metric}: no completed run has a finite value of it`, {
      hint: "`expflow status` shows what is running, `harvest` reads what there is",
    });
  }
  const first = (order: readonly (typeof found.rows)[number][]) =>
    axisOrder(order.map((values) => values.length === 1 ? values[0] : undefined));
  return {
    bars,
    labels: first(found.rows).map((at) => labelAt[at]!),
    colors: color === undefined ? [""] : first(found.columns.map(({ values }) => values))
      .map((at) => colorAt[at]!),
    fields,
    caption: [
      `bar: mean, ${countRange(bars.map(({ values }) => values.length), "run")}` +
      (bars.some(({ low }) => low !== undefined) ? "; line: its 95% confidence interval (t)" : "") +
      "; dot: a run",
      ...(found.mixed.length > 0
        ? [`a bar holds runs of different ${found.mixed.join(", ")}`]
        : []),
      ...leftOutText(leftOut, metric),
    ],
  };
}
