import { showParam, splitParams } from "./factors.ts";
import { numberText, plainNumber } from "./numbers.ts";
import type { MetricScalar, ResultRecord } from "./records.ts";
import type { Cell, Column, Table } from "./table_model.ts";

/** Lays out runs as a table: one row a run, the last value of each metric. */
export function runTable(records: readonly ResultRecord[]): Table {
  const several = new Set(records.map((record) => record.experiment)).size > 1;
  const { varying, constant } = splitParams(records.map((record) => record.params));
  const metrics = [...new Set(records.flatMap((record) => Object.keys(record.metrics)))];
  const columns: Column[] = [
    { name: "run", kind: "key" },
    { name: "state", kind: "key" },
    ...varying.map((name) => ({ name, kind: "key" as const })),
    ...metrics.map((name) => ({ name, kind: "value" as const })),
  ];
  const rows = records.map((record): Cell[] => [
    { text: several ? `${record.experiment}/${record.run}` : String(record.run) },
    { text: record.state },
    ...varying.map((name) => ({ text: showParam(record.params[name]) })),
    ...metrics.map((name) => scalarCell(record.metrics[name]?.last)),
  ]);
  const same = Object.entries(constant).map(([name, value]) => `${name}=${showParam(value)}`);
  return { columns, rows, notes: same.length > 0 ? [`same in all: ${same.join(", ")}`] : [] };
}

function scalarCell(value: MetricScalar | undefined): Cell {
  if (typeof value !== "number") return { text: value === undefined ? "–" : String(value) };
  const number = numberText(value);
  return { text: plainNumber(number), number };
}
