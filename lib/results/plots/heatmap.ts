import { UsageError } from "../../core/errors.ts";
import { numberText, plainNumber } from "../numbers.ts";
import { pivot } from "../pivot.ts";
import type { ResultRecord } from "../records.ts";
import { meanOf } from "../statistics/describe.ts";
import type { Use } from "../summary.ts";
import { inkOn, viridis } from "./colors.ts";
import { axisOrder, factorsOf } from "./factors.ts";
import { AXIS, drawing, PAGE_WIDTH, picture, type PictureOptions, roomFor } from "./figure.ts";
import { distinctLabels, labelWidth, valueLabel } from "./labels.ts";
import { countRange, leftOutText } from "./left_out.ts";
import { xmlText } from "./svg.ts";

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

const MOST_CELLS = 900;

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

/**
 * Draws the mean of a metric over two parameters: a colour and a number for each pair of values.
 *
 * @throws {UsageError} for names that no run has, or nothing to draw.
 *
 * @example
 * ```ts
 * import { plotHeatmap, type ResultRecord } from "@expflow/cli";
 *
 * const records = [0, 1, 2, 3].map((run): ResultRecord => ({
 *   experiment: "exp001",
 *   run,
 *   state: "completed",
 *   params: { lr: run < 2 ? 0.1 : 0.01, width: run % 2 ? 64 : 128 },
 *   metrics: { acc: { last: 0.9 + run / 100, source: "result.json" } },
 *   jobs: {},
 *   sources: [],
 *   problems: [],
 * }));
 * const svg = await plotHeatmap(records, { metric: "acc", x: "lr", y: "width" });
 * if (!svg.includes("0.9300")) throw new Error(svg);
 * ```
 */
export async function plotHeatmap(
  records: readonly ResultRecord[],
  options: HeatmapOptions,
): Promise<string> {
  const { width = PAGE_WIDTH, metric } = options;
  const { cells, x, y, xs, ys, caption } = heatmapOf(records, options);
  if (cells.length > MOST_CELLS) {
    throw new UsageError(
      `Cannot plot ${xs.length} × ${ys.length} fields: at most ${MOST_CELLS} can be read`,
      { hint: "choose values with --where" },
    );
  }
  const draw = await drawing();
  const { Plot } = draw;
  const means = cells.flatMap(({ mean }) => mean ?? []);
  const low = means.reduce((a, b) => Math.min(a, b));
  const high = means.reduce((a, b) => Math.max(a, b));
  const color = viridis(draw, low, high);
  const left = 34 + roomFor(ys, width * 0.3);
  const cellWidth = (width - left - 12) / xs.length;
  const texts = cells.map((cell) => ({
    ...cell,
    text: cell.mean === undefined ? "–" : plainNumber(numberText(cell.mean)),
    ink: cell.mean === undefined ? "#444" : inkOn(color(cell.mean)),
  }));
  const font = [12, 11, 10, 9].find((size) =>
    texts.every(({ text }) => labelWidth(text, size) < cellWidth - 2)
  );
  const tilted = xs.some((text) => labelWidth(text) > cellWidth - 4);
  const below = tilted ? roomFor(xs, 110) + 30 : 46;
  const plot = draw.part({
    width,
    height: options.height ?? Math.min(560, ys.length * 34) + below + 8,
    marginLeft: left,
    marginRight: 12,
    marginTop: 8,
    marginBottom: below,
    x: {
      ...AXIS,
      tickSize: 0,
      label: xmlText(x),
      domain: xs,
      padding: 0.03,
      labelOffset: below - 8,
      tickRotate: tilted ? -60 : 0,
    },
    y: {
      ...AXIS,
      tickSize: 0,
      label: xmlText(y),
      domain: ys,
      padding: 0.05,
      labelOffset: left - 8,
      reverse: true,
    },
    marks: [
      Plot.cell(cells, {
        x: "x",
        y: "y",
        fill: ({ mean }: HeatCell) => mean === undefined ? "#ececec" : color(mean),
      }),
      ...(font === undefined
        ? []
        : [Plot.text(texts, { x: "x", y: "y", text: "text", fill: "ink", fontSize: font })]),
    ],
  });
  const ramp = { label: metric, low, high, color };
  return picture([plot], { ...options, width, left, ramp, caption });
}
