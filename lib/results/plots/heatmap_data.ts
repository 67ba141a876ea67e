import { UsageError } from "../../core/errors.ts";
import { pivot } from "../pivot.ts";
import type { ResultRecord } from "../records.ts";
import { meanOf } from "../statistics/describe.ts";
import type { Use } from "../summary.ts";
import { axisOrder, factorsOf } from "./factors.ts";
import type { PictureOptions } from "./figure.ts";
import { distinctLabels, valueLabel } from "./labels.ts";
import { countRange, leftOutText } from "./left_out.ts";

/** What a heat map shows. */
export interface HeatmapOptions extends PictureOptions {
  /** Name of the metric. */
  metric: string;
  /** A field; the first parameter that differs unless told. */
  x?: string;
  /** A field; the second parameter that differs unless told. */
  y?: string;
  /** `last` unless told. */
  use?: Use;
  /** `seed` unless told. */
  seedKey?: string;
}

/** One field of a heat map. */
export interface HeatCell {
  x: string;
  y: string;
  /** Absent where no run has a finite value. */
  mean?: number;
  n: number;
}

/** A heat map in numbers. */
export interface Heatmap {
  cells: HeatCell[];
  /** Names of the fields. */
  x: string;
  y: string;
  /** In the order of the axes. */
  xs: string[];
  ys: string[];
  caption: string[];
}

/** Means over completed runs for each pair of values. @throws {UsageError} for names no run has. */
export function heatmapOf(records: readonly ResultRecord[], options: HeatmapOptions): Heatmap {
  const { metric, use, seedKey = "seed" } = options;
  const [x, y] = axesOf(records, options);
  const found = pivot(records, { rows: [y], cols: [x], metrics: [metric], use, seedKey });
  const ys = distinctLabels(found.rows.map(([value]) => valueLabel(value)));
  const xs = distinctLabels(found.columns.map(({ values }) => valueLabel(values[0])));
  const leftOut = { notCompleted: found.notCounted, missing: 0, nonFinite: 0 };
  const cells = ys.flatMap((yValue, row) =>
    xs.map((xValue, column): HeatCell => {
      const cell = found.cells[row]?.[column];
      leftOut.missing += cell?.missing ?? 0;
      leftOut.nonFinite += cell?.nonFinite ?? 0;
      const values = cell?.values ?? [];
      const mean = values.length > 0 ? { mean: meanOf(values) } : {};
      return { x: xValue, y: yValue, n: values.length, ...mean };
    })
  );
  const full = cells.filter(({ n }) => n > 0);
  if (full.length === 0) {
    throw new UsageError(`Cannot plot ${metric}: no completed run has a finite value of it`, {
      hint: "`expflow status` shows what is running, `harvest` reads what there is",
    });
  }
  const empty = cells.length - full.length;
  return {
    cells,
    x,
    y,
    xs: axisOrder(found.columns.map(({ values }) => values[0])).map((at) => xs[at]!),
    ys: axisOrder(found.rows.map(([value]) => value)).map((at) => ys[at]!),
    caption: [
      `mean of ${metric}, ${countRange(full.map(({ n }) => n), "run")} a field`,
      ...(found.mixed.length > 0
        ? [`a field holds runs of different ${found.mixed.join(", ")}`]
        : []),
      ...(empty > 0 ? [`–: no value (${empty} of ${cells.length} fields)`] : []),
      ...leftOutText(leftOut, metric),
    ],
  };
}

function axesOf(records: readonly ResultRecord[], options: HeatmapOptions): [string, string] {
  const free = factorsOf(records, options.seedKey ?? "seed")
    .filter((name) => name !== options.x && name !== options.y);
  const x = options.x ?? free.shift();
  const y = options.y ?? free.shift();
  if (x !== undefined && y !== undefined && x !== y) return [x, y];
  throw new UsageError("Cannot plot a heat map: found fewer than two parameters that differ", {
    hint: "name the fields with --x and --y",
  });
}
