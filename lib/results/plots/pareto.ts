import { UsageError } from "../../core/errors.ts";
import { fieldsOf } from "../fields.ts";
import { metricsNamed } from "../pivot.ts";
import type { ResultRecord } from "../records.ts";
import type { Use } from "../summary.ts";
import { ARROWS } from "../table_model.ts";
import { ACCENT, FAINT } from "./colors.ts";
import { factorsOf } from "./factors.ts";
import { drawing, NUMBERS, PAGE_WIDTH, picture, type PictureOptions } from "./figure.ts";
import { fitText, valueLabel } from "./labels.ts";
import { countRange, leftOutText, measured } from "./left_out.ts";
import { markFront, type ParetoPoint, pointsOf } from "./pareto_front.ts";
import { textLine, xmlText } from "./svg.ts";

/** Two metrics that compete. */
export interface ParetoOptions extends PictureOptions {
  /** Metric of the horizontal axis. */
  x: string;
  /** Metric of the vertical axis. */
  y: string;
  /** `last` unless told. */
  use?: Use;
  /** `seed` unless told. */
  seedKey?: string;
  /** With its unit; the metric unless told. */
  xLabel?: string;
  /** With its unit; the metric unless told. */
  yLabel?: string;
}

const LISTED = 14;
const MARGIN = { left: 74, right: 20, top: 20, bottom: 46 };

/**
 * Draws means over seeds of two metrics against each other, and the front that none dominates; which
 * way is better is what the harvest says of each metric. The points of the front are numbered, with
 * their parameters below.
 *
 * @throws {UsageError} for metrics that are a number in no run, or when no run has both.
 *
 * @example
 * ```ts
 * import { plotPareto, type ResultRecord } from "@expflow/cli";
 *
 * const records = [0, 1, 2].map((run): ResultRecord => ({
 *   experiment: "exp001",
 *   run,
 *   state: "completed",
 *   params: { width: 32 * (run + 1) },
 *   metrics: {
 *     acc: { last: 0.9 + run / 100, direction: "max", source: "result.json" },
 *     latency: { last: 5 + run, direction: "min", source: "result.json" },
 *   },
 *   jobs: {},
 *   sources: [],
 *   problems: [],
 * }));
 * const svg = await plotPareto(records, { x: "latency", y: "acc", xLabel: "latency (ms)" });
 * if (!svg.includes("width=96")) throw new Error(svg);
 * ```
 */
export async function plotPareto(
  records: readonly ResultRecord[],
  options: ParetoOptions,
): Promise<string> {
  const { width = PAGE_WIDTH, use = "last", seedKey = "seed" } = options;
  const [x, y] = metricsNamed([options.x, options.y], records, fieldsOf(records));
  const { runs, leftOut } = measured(records, [x!.name, y!.name], use);
  if (runs.length === 0) {
    throw new UsageError(`Cannot plot ${y!.name} over ${x!.name}: no completed run has both`, {
      hint: "`expflow results query` shows what runs have",
    });
  }
  const points = markFront(pointsOf(runs, seedKey), [x!.direction, y!.direction]);
  const front = points.filter((point) => point.front).sort((a, b) => a.x - b.x);
  const { Plot, part } = await drawing();
  const axis = { ...NUMBERS, grid: true, nice: true };
  const shown = front.slice(0, LISTED);
  const plot = part({
    width,
    height: options.height ?? Math.round(width * 0.4 + 90),
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: {
      ...axis,
      label: xmlText(options.xLabel ?? x!.name) + ARROWS[x!.direction],
      labelOffset: 38,
      ticks: width < 400 ? 4 : 8,
    },
    y: {
      ...axis,
      label: xmlText(options.yLabel ?? y!.name) + ARROWS[y!.direction],
      labelOffset: 68,
      ticks: 6,
    },
    marks: [
      Plot.frame({ anchor: "bottom", stroke: "#333" }),
      Plot.frame({ anchor: "left", stroke: "#333" }),
      Plot.line(front, {
        x: "x",
        y: "y",
        stroke: ACCENT,
        strokeWidth: 1.5,
        curve: x!.direction === "min" ? "step-after" : "step-before",
      }),
      Plot.dot(points.filter((point) => !point.front), { x: "x", y: "y", r: 3, fill: FAINT }),
      Plot.dot(front, { x: "x", y: "y", r: 4.5, fill: ACCENT, stroke: "#fff" }),
      Plot.text(numbersOf(shown, points, width), {
        x: "x",
        y: "y",
        text: "text",
        dy: -12,
        fontWeight: "bold",
        stroke: "#fff",
        strokeWidth: 3,
        fill: "#000",
      }),
    ],
  });
  const names = factorsOf(runs.map(({ record }) => record), seedKey);
  const caption = [
    `orange: not dominated (${front.length} of ${points.length} sets of parameters); ` +
    `a point is the mean of ${countRange(points.map(({ n }) => n), "run")}`,
    "arrows: which way is better",
    ...leftOutText(leftOut, `${x!.name} or ${y!.name}`),
  ];
  return picture([plot, ...listing(shown, front.length, names, width)], {
    ...options,
    width,
    left: MARGIN.left,
    caption,
  });
}

/** Numbers of points, those of neighbours that would lie on each other as one: `2, 3`. */
function numbersOf(shown: readonly ParetoPoint[], all: readonly ParetoPoint[], width: number) {
  const range = (axis: "x" | "y") => {
    const values = all.map((point) => point[axis]);
    return values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b)) || 1;
  };
  const [nearX, nearY] = [range("x") * 22 / (width - 94), range("y") * 18 / (width * 0.4)];
  const labels: { x: number; y: number; text: string }[] = [];
  for (const [at, { x, y }] of shown.entries()) {
    const last = labels.at(-1);
    if (last && Math.abs(last.x - x) < nearX && Math.abs(last.y - y) < nearY) {
      labels[labels.length - 1] = { x, y, text: `${last.text}, ${at + 1}` };
    } else labels.push({ x, y, text: String(at + 1) });
  }
  return labels;
}

function listing(shown: readonly ParetoPoint[], all: number, names: string[], width: number) {
  const font = { size: 12, weight: "normal", fill: "#000", leading: 1.4 };
  const lines = shown.map(({ params }, at) => {
    const words = names.map((name) => `${name}=${valueLabel(params[name])}`).join(", ");
    return `${at + 1}  ${words || "all the same parameters"}`;
  });
  if (all > shown.length) lines.push(`… and ${all - shown.length} more on the front`);
  return lines.map((line) => textLine(fitText(line, width - 36), 24, font));
}
