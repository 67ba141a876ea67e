import { UsageError } from "../core/errors.ts";
import { showParam } from "./factors.ts";
import type { Pivot, PivotCell } from "./pivot.ts";
import { FEWEST, meanOf } from "./statistics/describe.ts";
import { holm } from "./statistics/holm.ts";
import { type PairedTest, pairedTest, type TestResult } from "./statistics/paired_test.ts";
import { pairUp } from "./statistics/pairs.ts";

/** A test of each row against one of them. */
export interface TestRequest {
  test: PairedTest;
  /** Values of the row fields of the row that others are tested against. */
  baseline: readonly string[];
  /** Of random permutations; 0 unless told. */
  seed?: number;
}

/** A test of one cell against the baseline's in its column. */
export interface CellTest extends TestResult {
  /** Position of the row. */
  row: number;
  /** Position of the column. */
  column: number;
  /** Corrected by Holm over all tests of the table; absent like `p`. */
  pHolm?: number;
  /** Runs of either that have no counterpart. */
  unmatched: number;
}

/** Tests of a table. */
export interface TableTests {
  /** The row that others are tested against. */
  baseline: number;
  tests: CellTest[];
  /** What a reader must know before believing them, one line each. */
  warnings: string[];
}

const LEVEL = 0.05;

/**
 * Tests every row against the baseline, column by column, on pairs of runs that agree in everything
 * that the table pairs by.
 *
 * @throws {UsageError} when no row is the baseline.
 */
export function testRows(table: Pivot, request: TestRequest): TableTests {
  const baseline = baselineRow(table, request.baseline);
  const tests = table.columns.flatMap((_, column) =>
    table.rows.flatMap((_, row): CellTest[] =>
      row === baseline
        ? []
        : testCell(table.cells[baseline]?.[column], table.cells[row]?.[column], request)
          .map((test) => ({ row, column, ...test }))
    )
  );
  const sure = tests.filter(({ p }) => p !== undefined);
  holm(sure.map(({ p }) => p!)).forEach((p, at) => sure[at]!.pHolm = p);
  return { baseline, tests, warnings: warningsOf(tests, request.test) };
}

/** The mark of a p-value: one star below 0.05, two below 0.01, three below 0.001. */
export function starsOf(p: number | undefined): string {
  return "*".repeat([0.05, 0.01, 0.001].filter((level) => p !== undefined && p < level).length);
}

function baselineRow({ rows, rowFields }: Pivot, wanted: readonly string[]): number {
  const shown = rows.map((values) => values.map(showParam));
  const found = shown.findIndex((values) =>
    values.length === wanted.length && values.every((value, at) => value === wanted[at])
  );
  if (found >= 0) return found;
  throw new UsageError(
    `Cannot test against ${rowFields.join(", ")} = ${wanted.join(" ")}: no row is that`,
    { hint: `rows: ${shown.map((values) => values.join(" ")).slice(0, 10).join(", ")}` },
  );
}

function testCell(
  baseline: PivotCell | undefined,
  other: PivotCell | undefined,
  { test, seed }: TestRequest,
): Omit<CellTest, "row" | "column">[] {
  if (!baseline || !other) return [];
  const { differences, unmatched } = pairUp(valuesByKey(baseline), valuesByKey(other));
  return [{ ...pairedTest(test, differences, seed), unmatched: unmatched.length }];
}

/** Several runs of one key count as their mean: they are no pairs of their own. */
function valuesByKey({ keys, values }: PivotCell): Map<string, number> {
  const found = new Map<string, number[]>();
  for (const [at, key] of keys.entries()) {
    const known = found.get(key);
    if (known) known.push(values[at]!);
    else found.set(key, [values[at]!]);
  }
  return new Map(Array.from(found, ([key, all]) => [key, meanOf(all)]));
}

function warningsOf(tests: readonly CellTest[], test: PairedTest): string[] {
  const warnings: string[] = [];
  const unmatched = tests.reduce((sum, one) => sum + one.unmatched, 0);
  if (unmatched > 0) warnings.push(`${unmatched} runs have no pair and are not in the tests`);
  const few = tests.filter(({ n }) => n < FEWEST).length;
  if (few > 0) warnings.push(`${few} of ${tests.length} tests have fewer than ${FEWEST} pairs`);
  const fewest = tests.reduce((least, { n }) => Math.min(least, n), Infinity);
  const smallest = Math.min(1, tests.length * 2 / 2 ** fewest);
  if (test !== "t" && smallest >= LEVEL) {
    warnings.push(
      `${fewest} pairs cannot give p < ${LEVEL} by ${test} in ${tests.length} tests: ` +
        `the smallest is ${smallest}`,
    );
  }
  return warnings;
}
