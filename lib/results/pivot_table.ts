import { type Aggregated, aggregated, type Aggregation } from "./aggregation.ts";
import { showParam } from "./factors.ts";
import { numberText, plainNumber } from "./numbers.ts";
import type { Pivot, PivotColumn } from "./pivot.ts";
import { rankCells, unrankedNotes } from "./ranking.ts";
import { starsOf, type TableTests } from "./significance.ts";
import { type Description, FEWEST } from "./statistics/describe.ts";
import type { Cell, Column, Table } from "./table_model.ts";

/** What a cell of a {@linkcode PivotSummary} holds. */
export type CellSummary = Aggregated & Description;

/** A pivot in numbers: what each cell shows. */
export type PivotSummary = (CellSummary | undefined)[][];

/** Aggregates each cell; `undefined` where there is no value. */
export function summarisePivot(table: Pivot, aggregation: Aggregation): PivotSummary {
  return table.rows.map((_, row) =>
    table.columns.map((_, column) => {
      const values = table.cells[row]?.[column]?.values;
      return values && aggregated(aggregation, values);
    })
  );
}

/** Lays out a pivot for people: best and second of each column, stars of the tests, notes. */
export function pivotTable(
  table: Pivot,
  summary: PivotSummary,
  aggregation: Aggregation,
  tests?: TableTests & { test: string },
): Table {
  const usual = commonest(summary.flat().flatMap((cell) => cell?.n ?? []));
  const candidates = table.columns.map((_, column) =>
    summary.map((row, at) => ({
      value: row[column]?.value,
      sound: !table.cells[at]?.[column]?.nonFinite,
    }))
  );
  const ranks = table.columns.map(({ direction }, column) =>
    rankCells(candidates[column]!, direction)
  );
  const stars = new Map(
    tests?.tests.map(({ row, column, pHolm }) => [`${row}.${column}`, starsOf(pHolm)]),
  );
  const rows = table.rows.map((values, row): Cell[] => [
    ...values.map((value) => ({ text: showParam(value) })),
    ...table.columns.map((_, column): Cell => {
      const cell = summary[row]![column];
      const diverged = table.cells[row]?.[column]?.nonFinite;
      if (!cell) return { text: diverged ? "not finite" : "–" };
      const number = numberText(cell.value, cell.spread);
      const mark = stars.get(`${row}.${column}`);
      return {
        text: plainNumber(number),
        number,
        ...(cell.n === usual ? {} : { n: cell.n }),
        ...ranks[column]![row],
        ...(mark ? { mark } : {}),
      };
    }),
  ]);
  const columns: Column[] = [
    ...table.rowFields.map((name) => ({ name, kind: "key" as const })),
    ...table.columns.map((column): Column => ({
      name: headOf(table, column),
      kind: "value",
      direction: column.direction,
    })),
  ];
  return {
    columns,
    rows,
    notes: [
      ...notesOn(table, usual, aggregation),
      ...unrankedNotes(candidates),
      ...testNotes(table, tests),
    ],
  };
}

function headOf({ columns }: Pivot, { values, metric }: PivotColumn): string {
  const several = new Set(columns.map((column) => column.metric)).size > 1;
  const place = values.map(showParam).join(" ");
  return place === "" ? metric : several ? `${place} ${metric}` : place;
}

function commonest(counts: readonly number[]): number | undefined {
  const times = new Map<number, number>();
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
  return [...times].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0];
}

function notesOn(table: Pivot, usual: number | undefined, aggregation: Aggregation): string[] {
  const notes: string[] = [];
  const metrics = [...new Set(table.columns.map(({ metric }) => metric))];
  const by = table.colFields.length > 0
    ? `${metrics.join(", ")} by ${table.colFields.join(", ")}: `
    : "";
  const all = table.cells.flat().filter((cell) => cell !== undefined);
  const same = all.every(({ values }) => values.length === usual || values.length === 0);
  if (usual !== undefined) {
    notes.push(
      `${by}${aggregation.name} of n = ${usual} runs${same ? "" : " where no other n is shown"}`,
    );
  }
  if (aggregation.spread) notes.push(`± is ${aggregation.spread}`);
  const total = (key: "missing" | "nonFinite") => all.reduce((sum, cell) => sum + cell[key], 0);
  const left = [
    [table.notCounted, "that did not complete"] as const,
    [total("nonFinite"), "not finite"] as const,
    [total("missing"), "without the metric"] as const,
  ].filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (left.length > 0) notes.push(`runs not counted: ${left.join(", ")}`);
  if (table.mixed.length > 0) {
    notes.push(`warning: one cell holds runs with different ${table.mixed.join(", ")}`);
  }
  const few = all.filter(({ values }) => values.length > 0 && values.length < FEWEST).length;
  if (few > 0) notes.push(`warning: n < ${FEWEST} in ${few} of ${all.length} cells`);
  return notes;
}

function testNotes(table: Pivot, tests: (TableTests & { test: string }) | undefined): string[] {
  if (!tests) return [];
  const baseline = table.rows[tests.baseline]!.map(showParam).join(" ");
  const counted = tests.tests.filter(({ p }) => p !== undefined).length;
  if (counted === 0) {
    return [`not tested against ${baseline}: no row has 2 pairs of runs that a test could compare`];
  }
  const pairs = table.pairedBy.join(", ");
  const by = `${tests.test} on pairs of the same ${pairs}, Holm over ${counted} tests`;
  return [
    `* p < 0.05, ** p < 0.01, *** p < 0.001 against ${baseline}: ${by}`,
    ...tests.warnings.map((warning) => `warning: ${warning}`),
  ];
}
