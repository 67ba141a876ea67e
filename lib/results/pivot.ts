import type { ParamValue } from "../core/params.ts";
import { UsageError } from "../core/errors.ts";
import { type NumericMetric, numericMetrics } from "./aggregate.ts";
import { type Field, type Fields, fieldsOf } from "./fields.ts";
import type { Direction, ResultRecord } from "./records.ts";
import { metricOf, type Use } from "./summary.ts";

/** How runs are laid out in two directions. */
export interface PivotOptions {
  /** Fields whose values tell rows apart. */
  rows: readonly string[];
  /** Fields whose values tell columns apart; none unless told. */
  cols?: readonly string[];
  /** Metrics, a column each (for each of the `cols`). */
  metrics: readonly string[];
  /** `last` unless told. */
  use?: Use;
  /** Fields by which runs of two rows are matched; all other parameters that differ unless told. */
  pair?: readonly string[];
  /** Parameter that tells replicates apart; `seed` unless told. */
  seedKey?: string;
}

/** One column of a {@linkcode Pivot}. */
export interface PivotColumn {
  /** Values of the fields in `cols`. */
  values: (ParamValue | undefined)[];
  metric: string;
  direction: Direction;
}

/** Completed runs of one row and column. */
export interface PivotCell {
  values: number[];
  /** What each value is matched by, in the same order. */
  keys: string[];
  /** Runs without the metric, or with one that is no number. */
  missing: number;
  nonFinite: number;
}

/** Values of metrics by row and column. */
export interface Pivot {
  rowFields: string[];
  colFields: string[];
  rows: (ParamValue | undefined)[][];
  columns: PivotColumn[];
  /** By row, then column; `undefined` where no run is. */
  cells: (PivotCell | undefined)[][];
  /** What runs are matched by. */
  pairedBy: string[];
  /** Parameters other than the seed that differ between runs of one cell. */
  mixed: string[];
  /** Runs that did not complete. */
  notCounted: number;
}

/**
 * Lays out completed runs by the values of fields, in the order in which runs first have them.
 *
 * @throws {UsageError} for a field that no run has, or a metric that is no number in any.
 */
export function pivot(records: readonly ResultRecord[], options: PivotOptions): Pivot {
  const completed = records.filter(({ state }) => state === "completed");
  const fields = fieldsOf(records);
  const [rowBy, colBy] = [options.rows.map(fields), (options.cols ?? []).map(fields)];
  const metrics = metricsNamed(options.metrics, records, fields);
  const rows = new Index();
  const cols = new Index();
  const others = differing(completed, [...rowBy, ...colBy]);
  const keyBy = options.pair?.map(fields) ?? others;
  const seed = options.seedKey ?? "seed";
  const mixed = new Mixture(others.filter(({ own }) => own !== seed));
  const cells: (PivotCell | undefined)[][] = [];
  for (const record of completed) {
    const row = rows.of(rowBy.map(({ value }) => value(record)));
    const col = cols.of(colBy.map(({ value }) => value(record)));
    const key = keyOf(keyBy.map(({ value }) => value(record)));
    mixed.see(record, row, col);
    for (const [at, { name }] of metrics.entries()) {
      const cell = (cells[row] ??= [])[col * metrics.length + at] ??= emptyCell();
      const value = metricOf(record, name, options.use ?? "last");
      if (value === undefined) cell.missing++;
      else if (!Number.isFinite(value)) cell.nonFinite++;
      else {
        cell.values.push(value);
        cell.keys.push(key);
      }
    }
  }
  return {
    rowFields: rowBy.map(({ name }) => name),
    colFields: colBy.map(({ name }) => name),
    rows: rows.values,
    columns: cols.values.flatMap((values) =>
      metrics.map(({ name, direction }) => ({ values, metric: name, direction }))
    ),
    cells,
    pairedBy: keyBy.map(({ name }) => name),
    mixed: mixed.found(),
    notCounted: records.length - completed.length,
  };
}

/** Metrics by the names of their fields. @throws {UsageError} for one that is a number in no run. */
export function metricsNamed(
  names: readonly string[],
  records: readonly ResultRecord[],
  fields: Fields,
): NumericMetric[] {
  const known = numericMetrics(records);
  return names.map((name) => {
    const plain = name.replace(/^metrics\./, "");
    const found = known.find((metric) => metric.name === name) ??
      known.find((metric) => metric.name === plain);
    if (found) return found;
    const what = fields(name).kind === "metrics" ? "it is a number in no run" : "it is no metric";
    throw new UsageError(`Cannot use ${name} as a metric: ${what}`, {
      hint: `metrics: ${known.map((metric) => metric.name).join(", ") || "none"}`,
    });
  });
}

function emptyCell(): PivotCell {
  return { values: [], keys: [], missing: 0, nonFinite: 0 };
}

function keyOf(values: readonly (ParamValue | undefined)[]): string {
  return values.length === 1 ? JSON.stringify(values[0]) ?? "" : JSON.stringify(values);
}

/** Distinct values in the order of the first. */
class Index {
  readonly values: (ParamValue | undefined)[][] = [];
  readonly #at = new Map<string, number>();

  of(values: (ParamValue | undefined)[]): number {
    const key = keyOf(values);
    let at = this.#at.get(key);
    if (at === undefined) {
      at = this.values.push(values) - 1;
      this.#at.set(key, at);
    }
    return at;
  }
}

/** Parameters, and the experiment, that differ between runs and are in neither direction. */
function differing(records: readonly ResultRecord[], placed: readonly Field[]): Field[] {
  const names = new Set<string>();
  for (const { params } of records) for (const name in params) names.add(name);
  const taken = new Set(placed.flatMap(({ kind, own }) => kind === "metrics" ? [] : [own]));
  const all: Field[] = [
    { name: "experiment", kind: "run", own: "experiment", value: ({ experiment }) => experiment },
    ...Array.from(names, (name): Field => ({
      name,
      kind: "params",
      own: name,
      value: ({ params }) => Object.hasOwn(params, name) ? params[name] : undefined,
    })),
  ];
  return all.filter(({ own, value }) => {
    const first = records[0] && value(records[0]);
    return !taken.has(own) && records.some((record) => !equal(value(record), first));
  });
}

/** Finds out which fields are not the same all over a cell. */
class Mixture {
  readonly #first = new Map<string, ResultRecord>();
  #open: Field[];

  constructor(readonly fields: readonly Field[]) {
    this.#open = [...fields];
  }

  see(record: ResultRecord, row: number, col: number): void {
    const cell = `${row}.${col}`;
    const first = this.#first.get(cell);
    if (!first) this.#first.set(cell, record);
    else this.#open = this.#open.filter(({ value }) => equal(value(first), value(record)));
  }

  found(): string[] {
    return this.fields.filter((field) => !this.#open.includes(field)).map(({ name }) => name);
  }
}

function equal(a: ParamValue | undefined, b: ParamValue | undefined): boolean {
  if (a === b) return true;
  return typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b);
}
