import { UsageError } from "../../core/errors.ts";
import type { ResultRecord } from "../records.ts";
import { type Bar, type BarPlotOptions, barsOf } from "./bars_data.ts";
import { ONE_COLOR } from "./colors.ts";
import { AXIS, drawing, NUMBERS, PAGE_WIDTH, picture, roomFor } from "./figure.ts";
import { type LineStyle, lineStyles } from "./line_styles.ts";
import { xmlText } from "./svg.ts";

const MOST_BARS = 80;
const ROW = 17;

/**
 * Draws the mean of a metric as bars from zero, with its confidence interval and each run as a dot.
 *
 * @throws {UsageError} for names that no run has, nothing to draw, or too many bars.
 *
 * @example
 * ```ts
 * import { plotBars, type ResultRecord } from "@expflow/cli";
 *
 * const records = [0, 1, 2, 3].map((run): ResultRecord => ({
 *   experiment: "exp001",
 *   run,
 *   state: "completed",
 *   params: { model: run < 2 ? "r18" : "r50", seed: run % 2 },
 *   metrics: { acc: { last: 0.9 + run / 100, source: "result.json" } },
 *   jobs: {},
 *   sources: [],
 *   problems: [],
 * }));
 * const svg = await plotBars(records, { metric: "acc", x: ["model"] });
 * if (!svg.startsWith("<svg") || !svg.includes("n = 2 runs")) throw new Error(svg);
 * ```
 */
export async function plotBars(
  records: readonly ResultRecord[],
  options: BarPlotOptions,
): Promise<string> {
  const { width = PAGE_WIDTH, metric, color } = options;
  const { bars, labels, colors, fields, caption } = barsOf(records, options);
  if (labels.length * colors.length > MOST_BARS) {
    throw new UsageError(
      `Cannot plot ${labels.length * colors.length} bars: at most ${MOST_BARS} can be read`,
      { hint: "name fewer fields with --x, or choose values with --where" },
    );
  }
  const draw = await drawing();
  const { Plot } = draw;
  const styles: LineStyle[] = color === undefined
    ? [{ label: "", color: ONE_COLOR, dash: "" }]
    : lineStyles(colors.map((value) => ({ [color]: value })));
  const fill = new Map(colors.map((value, at) => [value, styles[at]!.color]));
  const left = 16 + roomFor(labels, width * 0.42) + (fields.length > 0 ? 18 : 0);
  const place = { fy: "label", y: "color" } as const;
  const counts = new Set(bars.map(({ values }) => values.length));
  const dots = bars.flatMap(({ values, ...bar }) => values.map((value) => ({ ...bar, value })));
  const plot = draw.part({
    width,
    height: options.height ?? labels.length * (colors.length * ROW + 8) + 58,
    marginLeft: left,
    marginRight: counts.size > 1 ? 48 : 16,
    marginTop: 8,
    marginBottom: 44,
    x: {
      label: xmlText(options.xLabel ?? metric),
      ...NUMBERS,
      grid: true,
      labelOffset: 36,
      ticks: width < 400 ? 4 : 8,
    },
    y: { axis: null, domain: colors, padding: 0.15 },
    fy: {
      ...AXIS,
      tickSize: 0,
      domain: labels,
      padding: 0.15,
      axis: "left",
      labelOffset: left - 8,
      label: fields.length > 0 ? xmlText(fields.join(", ")) : null,
    },
    marks: [
      Plot.barX(bars, { ...place, x: "mean", fill: ({ color }: Bar) => fill.get(color)! }),
      Plot.dot(dots, {
        ...place,
        x: "value",
        r: 2,
        fill: "#fff",
        stroke: "#333",
        strokeWidth: 0.8,
      }),
      Plot.ruleY(bars.filter(({ low }) => low !== undefined), {
        ...place,
        x1: "low",
        x2: "high",
        stroke: "#000",
        strokeWidth: 1.6,
      }),
      ...(counts.size > 1
        ? [Plot.text(bars, {
          ...place,
          x: ({ mean, high = mean, values }: Bar) => Math.max(0, high, ...values),
          text: ({ values }: Bar) => `n=${values.length}`,
          dx: 5,
          textAnchor: "start",
          fontSize: 11,
        })]
        : []),
      Plot.ruleX([0], { stroke: "#333" }),
    ],
  });
  return picture([plot], { ...options, width, legend: styles, swatch: 9, caption });
}
