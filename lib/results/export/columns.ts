import type { ParamValue } from "../../core/params.ts";
import type { MetricScalar, ResultRecord } from "../records.ts";
import type { ExportOptions } from "./exporter.ts";
import { mlflowColumns } from "./mlflow.ts";

/** A column of the flat table: its name, and its value in each run. */
export interface FlatColumn {
  name: string;
  /** What it is of a run; the full name is `params.NAME` or `metrics.NAME`. */
  kind: "run" | "params" | "metrics";
  /** Its name among those of its kind. */
  own: string;
  value(record: ResultRecord): ParamValue | undefined;
}

function ofRun(own: string, value: FlatColumn["value"]): FlatColumn {
  return { name: own, kind: "run", own, value };
}

const HEAD: FlatColumn[] = [
  ofRun("experiment", (record) => record.experiment),
  ofRun("run", (record) => record.run),
  ofRun("state", (record) => record.state),
  ofRun("seed", (record) => record.seed),
];

const TAIL: FlatColumn[] = [
  ofRun("elapsed", (record) => record.elapsed),
  ofRun("commit", (record) => record.commit),
];

/** Only where another tool ran some of the runs. */
const IMPORTED: FlatColumn[] = [
  ofRun("imported", ({ imported }) => imported?.from),
  ofRun("imported_id", ({ imported }) => imported?.id),
];

/**
 * One column each for the run, its parameters, the last value of each metric, and the best of each
 * series with its step. A parameter or metric whose name is taken is called `params.NAME` or
 * `metrics.NAME`.
 */
export function flatColumns(records: readonly ResultRecord[]): FlatColumn[] {
  const params = namesOf(records, (record) => record.params)
    .filter((name) => name !== "seed" || !seedSaysAll(records));
  const metrics = namesOf(records, (record) => record.metrics);
  const series = metrics.filter((name) => hasBest(records, name));
  const wanted = [
    ...params.map((name) => column("params", name, (record) => own(record.params, name))),
    ...metrics.map((name) => column("metrics", name, (record) => lastOf(record, name))),
    ...series.flatMap((name) => [
      column("metrics", `${name}_best`, (record) => own(record.metrics, name)?.best),
      column("metrics", `${name}_best_step`, (record) => own(record.metrics, name)?.bestStep),
    ]),
  ];
  const tail = records.some(({ imported }) => imported) ? [...TAIL, ...IMPORTED] : TAIL;
  const taken = new Set([...HEAD, ...tail].map(({ name }) => name));
  const middle = wanted.map((one) => {
    const name = taken.has(one.own) ? one.name : one.own;
    taken.add(name);
    return { ...one, name };
  });
  return [...HEAD, ...middle, ...tail];
}

function column(
  kind: "params" | "metrics",
  own: string,
  value: FlatColumn["value"],
): FlatColumn {
  return { name: `${kind}.${own}`, kind, own, value };
}

/** The names of all parts, in the order in which records first have them. */
function namesOf(records: readonly ResultRecord[], part: (record: ResultRecord) => object) {
  const names = new Set<string>();
  for (const record of records) {
    for (const name in part(record)) names.add(name);
  }
  return [...names];
}

function own<T>(values: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function lastOf(record: ResultRecord, name: string): MetricScalar | undefined {
  return own(record.metrics, name)?.last;
}

function hasBest(records: readonly ResultRecord[], name: string): boolean {
  return records.some((record) => own(record.metrics, name)?.best !== undefined);
}

/** Whether the column `seed` already holds what the parameter `seed` would say. */
function seedSaysAll(records: readonly ResultRecord[]): boolean {
  return records.every(({ seed, params }) => own(params, "seed") === seed);
}

/** The columns of an export, by the names that were asked for. */
export function exportColumns(
  records: readonly ResultRecord[],
  { names }: ExportOptions,
): Pick<FlatColumn, "name" | "value">[] {
  return names === "mlflow" ? mlflowColumns(flatColumns(records)) : flatColumns(records);
}

/** A value as text: strings as they are, anything else as JSON, nothing for what is missing. */
export function cellText(value: ParamValue | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
