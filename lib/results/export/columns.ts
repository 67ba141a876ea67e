import type { ParamValue } from "../../core/params.ts";
import type { MetricScalar, ResultRecord } from "../records.ts";

/** A column of the flat table: its name, and its value in each run. */
export interface FlatColumn {
  name: string;
  value(record: ResultRecord): ParamValue | undefined;
}

const HEAD: FlatColumn[] = [
  { name: "experiment", value: (record) => record.experiment },
  { name: "run", value: (record) => record.run },
  { name: "state", value: (record) => record.state },
  { name: "seed", value: (record) => record.seed },
];

const TAIL: FlatColumn[] = [
  { name: "elapsed", value: (record) => record.elapsed },
  { name: "commit", value: (record) => record.commit },
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
  const wanted: [string, string, FlatColumn["value"]][] = [
    ...params.map(column("params", (name) => (record) => own(record.params, name))),
    ...metrics.map(column("metrics", (name) => (record) => lastOf(record, name))),
    ...series.flatMap((name) => [
      column("metrics", () => (record) => own(record.metrics, name)?.best)(`${name}_best`),
      column("metrics", () => (record) => own(record.metrics, name)?.bestStep)(`${name}_best_step`),
    ]),
  ];
  const taken = new Set([...HEAD, ...TAIL].map(({ name }) => name));
  const middle = wanted.map(([prefix, name, value]) => {
    const free = taken.has(name) ? `${prefix}.${name}` : name;
    taken.add(free);
    return { name: free, value };
  });
  return [...HEAD, ...middle, ...TAIL];
}

function column(prefix: string, valueOf: (name: string) => FlatColumn["value"]) {
  return (name: string): [string, string, FlatColumn["value"]] => [prefix, name, valueOf(name)];
}

function namesOf(records: readonly ResultRecord[], part: (record: ResultRecord) => object) {
  return [...new Set(records.flatMap((record) => Object.keys(part(record))))];
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
