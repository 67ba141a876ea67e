import type { ResultRecord } from "../records.ts";
import { ONE_COLOR, viridis } from "./colors.ts";
import { type Drawing, drawing, PAGE_WIDTH, picture, roomFor } from "./figure.ts";
import { labelWidth, tickLabel } from "./labels.ts";
import { lineStyles, MOST_LINES } from "./line_styles.ts";
import {
  type ScatterAxis,
  scatterOf,
  type ScatterOptions,
  type ScatterPoint,
} from "./scatter_data.ts";
import { ABOVE, crowded, panel } from "./scatter_panel.ts";
import { xmlText } from "./svg.ts";
import { UsageError } from "../../core/errors.ts";

const GAP = 10;
/** Sine of the angle that crowded labels are turned by. */
const TURNED = 0.6;

/**
 * Draws runs as dots: one panel for two fields, or a matrix of panels for more, with the distribution
 * of each field on its diagonal.
 *
 * @throws {UsageError} for names that no run has, or nothing to draw.
 *
 * @example
 * ```ts
 * import { plotScatter, type ResultRecord } from "@expflow/cli";
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
 * const svg = await plotScatter(records, { fields: ["lr", "acc"], color: "model" });
 * if (!svg.includes("n = 4 runs")) throw new Error(svg);
 * ```
 */
export async function plotScatter(
  records: readonly ResultRecord[],
  options: ScatterOptions = {},
): Promise<string> {
  const { width = PAGE_WIDTH, color } = options;
  const found = scatterOf(records, options);
  const draw = await drawing();
  const paint = paintOf(draw, found.points, found.colors, color);
  const { axes, points } = found;
  const left = 30 + widestTick(axes, points);
  const panels = axes.length === 2
    ? [{ x: 0, y: 1, place: [0, 0] as const }]
    : axes.flatMap((_, y) =>
      axes.slice(0, y + 1).map((_, x) => ({ x, y, place: [x, y] as const }))
    );
  const count = axes.length === 2 ? 1 : axes.length;
  const size = (width - left - 12 - GAP * (count - 1)) / count;
  const tall = count === 1 ? options.height ?? size * 0.55 : size * 0.8;
  const below = 40 + Math.max(
    ...axes.map((axis) => crowded(axis, size) ? TURNED * roomFor(axis.domain!, 90) : 0),
  );
  const parts = panels.map(({ x, y, place: [column, row] }): string => {
    const part = panel(draw, {
      axes,
      points,
      x,
      y,
      size,
      tall,
      left,
      below,
      count,
      fill: paint.fill,
    });
    const at = [column * (size + GAP), row * (tall + GAP)];
    return `<g transform="translate(${at.join(",")})">${part.svg}</g>`;
  });
  const height = ABOVE + count * tall + (count - 1) * GAP + below;
  return picture([{ svg: parts.join(""), height }], {
    ...options,
    width,
    left,
    legend: paint.styles,
    swatch: 9,
    ramp: paint.ramp,
    caption: found.caption,
  });
}

function widestTick(axes: readonly ScatterAxis[], points: readonly ScatterPoint[]): number {
  const labels = axes.slice(1).flatMap(({ domain }, at) =>
    domain ?? points.slice(0, 200).map((point) => tickLabel(point.at[at + 1] as number))
  );
  return Math.min(90, Math.max(...labels.map((label) => labelWidth(label))));
}

function paintOf(
  draw: Drawing,
  points: readonly ScatterPoint[],
  colors: readonly string[] | undefined,
  name: string | undefined,
) {
  if (name === undefined) return { fill: () => ONE_COLOR };
  if (colors) {
    if (colors.length > MOST_LINES) {
      throw new UsageError(
        `Cannot colour by ${name}: found ${colors.length} values, at most ${MOST_LINES} can be told apart`,
      );
    }
    const styles = lineStyles(colors.map((value) => ({ [name]: value })))
      .map((style) => ({ ...style, dash: "" }));
    const of = new Map(colors.map((value, at) => [value, styles[at]!.color]));
    return { styles, fill: ({ color }: ScatterPoint) => of.get(String(color))! };
  }
  const numbers = points.map(({ color }) => color as number);
  const low = numbers.reduce((a, b) => Math.min(a, b));
  const high = numbers.reduce((a, b) => Math.max(a, b));
  const color = viridis(draw, low, high);
  const ramp = { label: xmlText(name), low, high, color };
  return { ramp, fill: (point: ScatterPoint) => color(point.color as number) };
}
