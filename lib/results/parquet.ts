import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import type { ParamValue } from "../core/params.ts";
import { typedColumn, type Values } from "./parquet_column.ts";
import type { ResultRecord } from "./records.ts";

/**
 * Records as one Parquet table: `experiment`, `run`, `state`, `params.NAME`, `metrics.NAME` (the last
 * value), `best.NAME`, `best_step.NAME`, … Numbers are doubles, NaN among them; a column with values
 * of several types is text. Missing is null.
 */
export function parquetOf(records: readonly ResultRecord[]): Uint8Array {
  const time = (key: "started" | "ended") =>
    records.map((record) => record[key] === undefined ? null : new Date(record[key]));
  const columnData: ColumnSource[] = [
    text("experiment", records.map(({ experiment }) => experiment)),
    whole("run", records.map(({ run }) => run)),
    text("state", records.map(({ state }) => state)),
    whole("seed", records.map(({ seed }) => seed ?? null)),
    whole("attempt", records.map(({ attempt }) => attempt ?? null)),
    { name: "started", type: "TIMESTAMP", data: time("started") },
    { name: "ended", type: "TIMESTAMP", data: time("ended") },
    { name: "elapsed", type: "DOUBLE", data: records.map(({ elapsed }) => elapsed ?? null) },
    text("commit", records.map(({ commit }) => commit ?? null)),
    text("resources", records.map(({ resources }) => resources ? JSON.stringify(resources) : null)),
    ...grouped("params", records, ({ params }) => Object.entries(params)),
    ...grouped("reported", records, ({ reported = {} }) => Object.entries(reported)),
    ...ofMetrics("metrics", records, ({ last }) => last),
    ...ofMetrics("best", records, ({ best }) => best),
    ...ofMetrics("best_step", records, ({ bestStep }) => bestStep),
    text("sources", records.map(({ sources }) => JSON.stringify(sources))),
    whole("problems", records.map(({ problems }) => problems.length)),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function text(name: string, data: (string | null)[]): ColumnSource {
  return { name, type: "STRING", data };
}

function whole(name: string, data: (number | null)[]): ColumnSource {
  const fits = data.every((value) => value === null || (value | 0) === value);
  return { name, type: fits ? "INT32" : "DOUBLE", data };
}

type Metric = ResultRecord["metrics"][string];

function ofMetrics(
  prefix: string,
  records: readonly ResultRecord[],
  valueOf: (metric: Metric) => ParamValue | undefined,
): ColumnSource[] {
  return grouped(
    prefix,
    records,
    ({ metrics }) => Object.entries(metrics).map(([name, metric]) => [name, valueOf(metric)]),
  );
}

function grouped(
  prefix: string,
  records: readonly ResultRecord[],
  entriesOf: (record: ResultRecord) => [string, ParamValue | undefined][],
): ColumnSource[] {
  const columns = new Map<string, Values>();
  records.forEach((record, at) => {
    for (const [name, value] of entriesOf(record)) {
      if (value === undefined) continue;
      let column = columns.get(name);
      if (!column) columns.set(name, column = new Array(records.length));
      column[at] = value;
    }
  });
  return Array.from(columns, ([name, values]) => typedColumn(`${prefix}.${name}`, values));
}
