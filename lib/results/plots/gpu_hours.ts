import { UsageError } from "../../core/errors.ts";
import type { ResultRecord } from "../records.ts";
import { ONE_COLOR } from "./colors.ts";
import { AXIS, drawing, NUMBERS, PAGE_WIDTH, picture, roomFor } from "./figure.ts";
import { type DeviceHoursOptions, hoursBy, type HoursPart } from "./hours_data.ts";
import { tickLabel } from "./labels.ts";
import { lineStyles } from "./line_styles.ts";
import { xmlText } from "./svg.ts";

const MOST_BARS = 60;

/**
 * Draws how many GPU-hours (or CPU-hours) runs held, by a field: where the money went. Runs that
 * failed count too.
 *
 * @throws {UsageError} for a field that no run has, or when no run held any.
 *
 * @example
 * ```ts
 * import { plotGpuHours, type ResultRecord } from "@expflow/cli";
 *
 * const records = [0, 1].map((run): ResultRecord => ({
 *   experiment: "exp001",
 *   run,
 *   state: run === 0 ? "completed" : "failed",
 *   params: {},
 *   metrics: {},
 *   elapsed: 7200,
 *   jobs: {},
 *   resources: { train: { gpus: 4 } },
 *   sources: [],
 *   problems: [],
 * }));
 * const svg = await plotGpuHours(records);
 * if (!svg.includes("16 GPU-hours of 2 runs")) throw new Error(svg);
 * ```
 */
export async function plotGpuHours(
  records: readonly ResultRecord[],
  options: DeviceHoursOptions = {},
): Promise<string> {
  const { width = PAGE_WIDTH, x = "state", color, device = "gpu" } = options;
  const { parts, labels, colors, caption } = hoursBy(records, options);
  if (labels.length > MOST_BARS) {
    throw new UsageError(`Cannot plot ${labels.length} bars: at most ${MOST_BARS} can be read`, {
      hint: "name a field of fewer values with --x",
    });
  }
  const styles = color === undefined
    ? [{ label: "", color: ONE_COLOR, dash: "" }]
    : lineStyles(colors.map((value) => ({ [color]: value })));
  const fill = new Map(colors.map((value, at) => [value, styles[at]!.color]));
  const { Plot, part } = await drawing();
  const left = 34 + roomFor(labels, width * 0.4);
  const totals = labels.map((label) => {
    const own = parts.filter((one) => one.label === label);
    const hours = own.reduce((sum, one) => sum + one.hours, 0);
    const runs = own.reduce((sum, one) => sum + one.runs, 0);
    return { label, hours, text: `${tickLabel(hours)} (n=${runs})` };
  });
  const plot = part({
    width,
    height: options.height ?? labels.length * 26 + 58,
    marginLeft: left,
    marginRight: 14 + roomFor(totals.map(({ text }) => text), 130),
    marginTop: 8,
    marginBottom: 44,
    x: {
      ...NUMBERS,
      label: `${device.toUpperCase()}-hours`,
      grid: true,
      labelOffset: 36,
      ticks: width < 400 ? 3 : 6,
    },
    y: {
      ...AXIS,
      tickSize: 0,
      label: xmlText(x),
      domain: labels,
      padding: 0.25,
      labelOffset: left - 8,
    },
    marks: [
      Plot.barX(parts, {
        x: "hours",
        y: "label",
        fill: ({ color }: HoursPart) => fill.get(color)!,
        order: colors,
        z: "color",
      }),
      Plot.text(totals, {
        x: "hours",
        y: "label",
        text: "text",
        dx: 5,
        textAnchor: "start",
        fontSize: 11,
      }),
      Plot.ruleX([0], { stroke: "#333" }),
    ],
  });
  return picture([plot], { ...options, width, legend: styles, swatch: 9, caption });
}
