import type { ResultRecord } from "../records.ts";
import { viridis } from "./colors.ts";
import { drawing, PAGE_WIDTH, picture } from "./figure.ts";
import { fitText, labelWidth } from "./labels.ts";
import { parallelOf, type ParallelOptions, type ParallelPoint } from "./parallel_data.ts";
import { xmlText } from "./svg.ts";

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
