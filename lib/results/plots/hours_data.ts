import { UsageError } from "../../core/errors.ts";
import type { ParamValue } from "../../core/params.ts";
import { type Device, deviceHours } from "../device_hours.ts";
import { fieldsOf } from "../fields.ts";
import type { ResultRecord } from "../records.ts";
import { axisOrder } from "./factors.ts";
import type { PictureOptions } from "./figure.ts";
import { distinctLabels, tickLabel, valueLabel } from "./labels.ts";
import { countOf } from "./left_out.ts";

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
        [
          ...(none > 0 ? [`${none} took none`] : []),
          ...(unknown > 0 ? [`${unknown} did not record what they took`] : []),
        ].join(" and "),
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
function placesOf(values: readonly (ParamValue | undefined)[]) {
  const distinct = new Map(values.map((value) => [JSON.stringify(value), value]));
  const labels = distinctLabels([...distinct.values()].map((value) => valueLabel(value)));
  const byKey = new Map([...distinct.keys()].map((key, at) => [key, labels[at]!]));
  return {
    order: axisOrder([...distinct.values()]).map((at) => labels[at]!),
    of: (value: ParamValue | undefined) => byKey.get(JSON.stringify(value))!,
  };
}
