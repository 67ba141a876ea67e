import { UsageError } from "../../core/errors.ts";
import type { ParamValue } from "../../core/params.ts";
import { type Field, fieldsOf } from "../fields.ts";
import { numericMetrics } from "../aggregate.ts";
import type { ResultRecord } from "../records.ts";
import { seededDraw, shuffled } from "../statistics/random.ts";
import { metricOf, type Use } from "../summary.ts";
import { factorsOf } from "./factors.ts";
import type { PictureOptions } from "./figure.ts";
import { distinctLabels, valueLabel } from "./labels.ts";
import { countOf, type LeftOut, leftOutText } from "./left_out.ts";

/** What a scatter matrix shows. */
export interface ScatterOptions extends PictureOptions {
  /** Parameters and metrics, 2 to 6; those that differ unless told. Two make one large panel. */
  fields?: readonly string[];
  /** A field whose values give the colour: numbers by viridis, choices by colours of their own. */
  color?: string;
  /** `last` unless told. */
  use?: Use;
  /** `seed` unless told. */
  seedKey?: string;
}

/** How a field lies on its axis. */
export interface ScatterAxis {
  name: string;
  /** `point` for choices, in the order of `domain`. */
  type: "linear" | "log" | "point";
  domain?: string[];
}

/** One run. */
export interface ScatterPoint {
  /** A value for each axis. */
  at: (number | string)[];
  /** A number, or the label of a choice; absent without `color`. */
  color?: number | string;
}

/** A scatter matrix in numbers. */
export interface Scatter {
  axes: ScatterAxis[];
  points: ScatterPoint[];
  /** Colours of choices, in order; absent for numbers. */
  colors?: string[];
  caption: string[];
}

const MOST_FIELDS = 6;
const MOST_POINTS = 2000;
const LOG_FROM = 50;

/** Completed runs with a value in every field. @throws {UsageError} for names that no run has. */
export function scatterOf(records: readonly ResultRecord[], options: ScatterOptions): Scatter {
  const { use = "last", color } = options;
  const find = fieldsOf(records);
  const completed = records.filter(({ state }) => state === "completed");
  const names = options.fields ?? usualFields(completed, options.seedKey ?? "seed");
  if (names.length < 2 || names.length > MOST_FIELDS) {
    throw new UsageError(
      `Cannot plot scatter of ${countOf(names.length, "field")}: expected 2 to ${MOST_FIELDS}`,
      { hint: "name them with --field, as in --field lr width acc" },
    );
  }
  const fields = [...names, ...(color === undefined ? [] : [color])].map(find);
  const { rows, leftOut } = complete(completed, fields, use);
  if (rows.length === 0) {
    throw new UsageError(`Cannot plot scatter: no completed run has all of ${names.join(", ")}`, {
      hint: "name fewer fields with --field",
    });
  }
  const sample = rows.length <= MOST_POINTS
    ? rows
    : shuffled(rows.length, seededDraw(0)).slice(0, MOST_POINTS).map((at) => rows[at]!);
  const columns = fields.map(({ name }, at) => columnOf(name, sample.map((row) => row[at]!)));
  const last = color === undefined ? undefined : columns.pop()!;
  const logs = columns.filter(({ axis }) => axis.type === "log").map(({ axis }) => axis.name);
  return {
    axes: columns.map(({ axis }) => axis),
    points: sample.map((_, row) => ({
      at: columns.map(({ values }) => values[row]!),
      ...(last ? { color: last.values[row]! } : {}),
    })),
    ...(last?.axis.domain ? { colors: last.axis.domain } : {}),
    caption: [
      sample.length < rows.length
        ? `${sample.length} of ${rows.length} runs, drawn by lot`
        : `a dot: one of n = ${countOf(rows.length, "run")}`,
      ...(logs.length > 0 ? [`by logarithm: ${logs.join(", ")}`] : []),
      ...leftOutText(
        { ...leftOut, notCompleted: records.length - completed.length },
        "one of the fields",
      ),
    ],
  };
}

function usualFields(records: readonly ResultRecord[], seedKey: string): string[] {
  const metrics = numericMetrics(records).map(({ name }) => name).slice(0, 2);
  return [...factorsOf(records, seedKey).slice(0, 4 - metrics.length), ...metrics];
}

function complete(records: readonly ResultRecord[], fields: readonly Field[], use: Use) {
  const leftOut: LeftOut = { notCompleted: 0, missing: 0, nonFinite: 0 };
  const rows = records.flatMap((record) => {
    const row = fields.map((field) => valueOf(record, field, use));
    if (row.some((value) => value === undefined || value === null)) {
      leftOut.missing++;
      return [];
    }
    if (row.some((value) => typeof value === "number" && !Number.isFinite(value))) {
      leftOut.nonFinite++;
      return [];
    }
    return [row as ParamValue[]];
  });
  return { rows, leftOut };
}

/** A metric by what `use` says, anything else by its field. */
function valueOf(record: ResultRecord, field: Field, use: Use): ParamValue | undefined {
  if (field.kind === "metrics" && use === "best") {
    return metricOf(record, field.own, use) ?? field.value(record);
  }
  return field.value(record);
}

/** A field of all points. */
interface ScatterColumn {
  axis: ScatterAxis;
  values: (number | string)[];
}

function columnOf(name: string, values: readonly ParamValue[]): ScatterColumn {
  if (values.every((value) => typeof value === "number")) {
    const numbers = values as number[];
    const low = numbers.reduce((a, b) => Math.min(a, b));
    const high = numbers.reduce((a, b) => Math.max(a, b));
    const type = low > 0 && high / low >= LOG_FROM ? "log" as const : "linear" as const;
    return { axis: { name, type }, values: numbers };
  }
  const keys = values.map((value) => JSON.stringify(value));
  const distinct = [...new Set(keys)];
  const shown = distinct.map((key) => valueLabel(JSON.parse(key) as ParamValue, 14));
  const labels = distinctLabels(shown);
  const labelOf = new Map(distinct.map((key, at) => [key, labels[at]!]));
  const axis: ScatterAxis = { name, type: "point", domain: labels };
  return { axis, values: keys.map((key) => labelOf.get(key)!) };
}
