import { UsageError } from "../core/errors.ts";
import { aggregationNamed } from "./aggregation.ts";
import { type Pivot, pivot, type PivotOptions } from "./pivot.ts";
import { importedNote } from "./imported_note.ts";
import { type CellSummary, pivotTable, summarisePivot } from "./pivot_table.ts";
import type { Direction, ResultRecord } from "./records.ts";
import { type CellTest, testRows } from "./significance.ts";
import type { PairedTest } from "./statistics/paired_test.ts";
import type { Table } from "./table_model.ts";

/** What a table of results shows. */
export interface ResultsTableOptions extends PivotOptions {
  /** `mean±std` unless told; also `mean`, `mean±sem`, `mean±ci`, `median`, `iqm`, `min`, `max`. */
  agg?: string;
  /** A paired test of each row against the baseline. */
  test?: PairedTest;
  /** Values of the row fields of the row to test against. */
  baseline?: readonly string[];
  /** Of random permutations; 0 unless told. */
  seed?: number;
}

/** One cell in numbers. */
export interface ResultsCell extends Partial<CellSummary> {
  /** Runs that count. */
  n: number;
  /** Runs without the metric, or with one that is no number. */
  missing: number;
  /** Runs whose value is NaN or infinite. */
  nonFinite: number;
  /** Against the baseline. */
  test?: Omit<CellTest, "row" | "column">;
}

/** A table in numbers, and laid out for people. */
export interface ResultsTable {
  /** By field. */
  rows: Record<string, unknown>[];
  /** A metric, and the values of the fields that tell columns apart. */
  columns: { metric: string; direction: Direction; of: Record<string, unknown> }[];
  /** By row, then column; `null` where no run is. */
  cells: (ResultsCell | null)[][];
  /** The same for people. */
  table: Table;
}

/**
 * Lays out completed runs in rows and columns, each cell the aggregate of its runs, and tests rows
 * against one of them.
 *
 * @throws {UsageError} for names that no run has, or a test without a baseline.
 *
 * @example
 * ```ts
 * import { type ResultRecord, resultsTable } from "@expflow/cli";
 *
 * const records = ["r18", "r50"].flatMap((model, at) =>
 *   [0, 1, 2, 3, 4].map((seed): ResultRecord => ({
 *     experiment: "exp001",
 *     run: 5 * at + seed,
 *     state: "completed",
 *     params: { model, seed },
 *     metrics: { acc: { last: 0.9 + at / 50 + seed / 1000, source: "result.json" } },
 *     jobs: {},
 *     sources: [],
 *     problems: [],
 *   }))
 * );
 * const { cells } = resultsTable(records, {
 *   rows: ["model"],
 *   metrics: ["acc"],
 *   test: "wilcoxon",
 *   baseline: ["r18"],
 * });
 * const p = cells[1]?.[0]?.test?.p;
 * if (p !== 0.0625) throw new Error(`p = ${p}`); // five pairs cannot say more
 * ```
 */
export function resultsTable(
  records: readonly ResultRecord[],
  options: ResultsTableOptions,
): ResultsTable {
  const aggregation = aggregationNamed(options.agg ?? "mean±std");
  const found = pivot(records, options);
  const summary = summarisePivot(found, aggregation);
  const tests = testsOf(found, options);
  return {
    rows: found.rows.map((values) => named(found.rowFields, values)),
    columns: found.columns.map(({ metric, direction, values }) => ({
      metric,
      direction,
      of: named(found.colFields, values),
    })),
    cells: summary.map((row, at) =>
      row.map((numbers, column): ResultsCell | null => {
        const cell = found.cells[at]?.[column];
        if (!cell) return null;
        const test = tests?.tests.find((one) => one.row === at && one.column === column);
        const { missing, nonFinite } = cell;
        return { ...numbers, n: cell.values.length, missing, nonFinite, ...withoutPlace(test) };
      })
    ),
    table: withNote(pivotTable(found, summary, aggregation, tests), importedNote(records)),
  };
}

function withNote(table: Table, note: string | undefined): Table {
  return note === undefined ? table : { ...table, notes: [...table.notes, note] };
}

function testsOf(found: Pivot, { test, baseline, seed }: ResultsTableOptions) {
  if (test === undefined) return undefined;
  if (baseline !== undefined) return { test, ...testRows(found, { test, baseline, seed }) };
  throw new UsageError(`Cannot test by ${test}: no row to test against was named`, {
    hint: "name it with --baseline, a value for each field of --rows",
  });
}

function named(fields: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(fields.map((name, at) => [name, values[at] ?? null]));
}

function withoutPlace(test: CellTest | undefined): Pick<ResultsCell, "test"> {
  if (!test) return {};
  const { row: _row, column: _column, ...rest } = test;
  return { test: rest };
}
