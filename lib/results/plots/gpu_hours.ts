import { UsageError } from "../../core/errors.ts";
import { type Device, deviceHours } from "../device_hours.ts";
import { fieldsOf } from "../fields.ts";
import type { ResultRecord } from "../records.ts";
import { ONE_COLOR } from "./colors.ts";
import { axisOrder } from "./factors.ts";
import {
  AXIS,
  drawing,
  NUMBERS,
  PAGE_WIDTH,
  picture,
  type PictureOptions,
  roomFor,
} from "./figure.ts";
import { distinctLabels, tickLabel, valueLabel } from "./labels.ts";
import { countOf } from "./left_out.ts";
import { lineStyles } from "./line_styles.ts";
import { xmlText } from "./svg.ts";

/** What hours are added up by. */
export interface DeviceHoursOptions extends PictureOptions {
  /** A field; `state` unless told, so that what failed is seen. */
  x?: string;
  /** A field whose values share a bar, each in its own colour. */
  color?: string;
  /** `gpu` unless told. */
  device?: Device;
}

/** Part of a bar. */
export interface HoursPart {
  label: string;
  color: string;
  hours: number;
  runs: number;
}

/** Hours in numbers. */
export interface HoursBy {
  parts: HoursPart[];
  labels: string[];
  colors: string[];
  total: number;
  caption: string[];
}

const MOST_BARS = 60;

/** Adds up what runs held. @throws {UsageError} for a field that no run has, or no hours at all. */
export function hoursBy(records: readonly ResultRecord[], options: DeviceHoursOptions): HoursBy {
  const { x = "state", color, device = "gpu" } = options;
  const fields = fieldsOf(records);
  const [byX, byColor] = [fields(x), color === undefined ? undefined : fields(color)];
  const counted = records.map((record) => ({ record, hours: deviceHours(record, device) }));
  const known = counted.filter(({ hours }) => hours !== undefined && hours > 0);
  const none = counted.filter(({ hours }) => hours === 0).length;
  const unknown = counted.length - known.length - none;
  if (known.length === 0) {
    throw new UsageError(
      `Cannot plot ${device.toUpperCase()}-hours: of ${countOf(records.length, "run")}, ` +
        `${none} took none and of ${unknown} it is not known`,
      {
        hint: device === "gpu" ? "--device cpu counts CPUs" : "they need cpus_per_task and an end",
      },
    );
  }
  const values = known.map(({ record }) => byX.value(record));
  const colorValues = known.map(({ record }) => byColor?.value(record));
  const [labels, colors] = [placesOf(values), placesOf(colorValues)];
  const parts = new Map<string, HoursPart>();
  for (const [at, { hours }] of known.entries()) {
    const [label, own] = [labels.of(values[at]), colors.of(colorValues[at])];
    const key = JSON.stringify([label, own]);
    const part = parts.get(key) ?? { label, color: own, hours: 0, runs: 0 };
    parts.set(key, { ...part, hours: part.hours + hours!, runs: part.runs + 1 });
  }
  const all = [...parts.values()];
  const total = all.reduce((sum, { hours }) => sum + hours, 0);
  return {
    parts: all,
    labels: labels.order,
    colors: colors.order,
    total,
    caption: [
      `${tickLabel(total)} ${device.toUpperCase()}-hours of ${countOf(known.length, "run")}: ` +
      "time of the last execution × what the job asked for",
      ...(none > 0 ? [`${none} took none`] : []),
      ...(unknown > 0 ? [`left out: ${unknown} whose time or ${device}s are not known`] : []),
    ],
  };
}

/** Distinct values with a label for each, in the order of the axis. */
function placesOf(values: readonly ReturnType<ReturnType<ReturnType<typeof fieldsOf>>["value"]>[]) {
  const distinct = new Map(values.map((value) => [JSON.stringify(value), value]));
  const keys = [...distinct.keys()];
  const labels = distinctLabels([...distinct.values()].map((value) => valueLabel(value)));
  const byKey = new Map(keys.map((key, at) => [key, labels[at]!]));
  return {
    order: axisOrder([...distinct.values()]).map((at) => labels[at]!),
    of: (value: typeof values[number]) => byKey.get(JSON.stringify(value))!,
  };
}

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
