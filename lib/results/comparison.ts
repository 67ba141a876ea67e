import type { ParamValue } from "../core/params.ts";
import { numericMetrics } from "./aggregate.ts";
import { showParam, splitParams } from "./factors.ts";
import { importedNote } from "./imported_note.ts";
import { numberText, plainNumber } from "./numbers.ts";
import { type Direction, metricNumber, type ResultRecord } from "./records.ts";
import { metricOf, type Use } from "./summary.ts";
import { ARROWS, type Cell, type Table } from "./table_model.ts";

/** A metric of several runs. */
export interface ComparedMetric {
  /** As the runs call it. */
  name: string;
  /** Which way is better. */
  direction: Direction;
  /** One for each run, its name when it is not finite; `null` where a run does not have it. */
  values: (number | string | null)[];
  /** Each value minus that of the first run; `null` where one of them is missing or not finite. */
  deltas: (number | null)[];
}

/** What tells runs apart. */
export interface Comparison {
  /** `EXPERIMENT/INDEX` of each. */
  runs: string[];
  /** State of each. */
  states: string[];
  /** Parameters that differ, with a value for each run. */
  params: { name: string; values: (ParamValue | undefined)[] }[];
  /** Those that are a number in a run. */
  metrics: ComparedMetric[];
  /** Parameters that are the same in all. */
  same: Record<string, ParamValue>;
  /** Present where other tools ran some of them: which, and how many. */
  imported?: string;
}

/** Compares runs with the first of them. */
export function compareRecords(records: readonly ResultRecord[], use: Use = "last"): Comparison {
  const { varying, constant } = splitParams(records.map(({ params }) => params));
  const imported = importedNote(records);
  return {
    runs: records.map(runName),
    states: records.map(({ state }) => state),
    params: varying.map((name) => ({ name, values: records.map(({ params }) => params[name]) })),
    metrics: numericMetrics(records).map(({ name, direction }) => {
      const values = records.map((record) => metricOf(record, name, use));
      return {
        name,
        direction,
        values: values.map((value) => value === undefined ? null : metricNumber(value)),
        deltas: values.map((value) => delta(values[0], value)),
      };
    }),
    same: constant,
    ...imported === undefined ? {} : { imported },
  };
}

/** A run as people name it. */
export function runName({ experiment, run }: Pick<ResultRecord, "experiment" | "run">): string {
  return `${experiment}/${run}`;
}

function delta(first: number | undefined, value: number | undefined): number | null {
  const difference = first === undefined || value === undefined ? NaN : value - first;
  return Number.isFinite(difference) ? difference : null;
}

/** Lays out a comparison: a row a parameter and a metric, a column a run. */
export function comparisonTable(comparison: Comparison): Table {
  const { runs, states, params, metrics, same, imported } = comparison;
  const text = (value: string): Cell => ({ text: value });
  const row = (name: string, cells: Cell[]) => [text(name), ...cells];
  const sameStates = states.every((state) => state === states[0]);
  const rows = [
    ...(sameStates ? [] : [row("state", states.map(text))]),
    ...params.map(({ name, values }) =>
      row(name, values.map((value) => text(value === undefined ? "–" : showParam(value))))
    ),
    ...metrics.map(({ name, direction, values, deltas }) =>
      row(name + ARROWS[direction], values.map((value, at) => valueCell(value, deltas[at], at)))
    ),
  ];
  const notes = Object.entries(same).map(([name, value]) => `${name}=${showParam(value)}`);
  return {
    columns: [
      { name: "", kind: "key" },
      ...runs.map((name) => ({ name, kind: "value" as const })),
    ],
    rows,
    notes: [
      ...(metrics.length > 0 ? [`in brackets: minus ${runs[0]}`] : ["no metric is a number"]),
      ...(notes.length > 0 ? [`same in all: ${notes.join(", ")}`] : []),
      ...(imported === undefined ? [] : [imported]),
    ],
  };
}

function valueCell(
  value: number | string | null,
  change: number | null | undefined,
  at: number,
): Cell {
  if (value === null) return { text: "–" };
  const shown = typeof value === "number" ? plainNumber(numberText(value)) : value;
  if (at === 0) return { text: shown };
  if (change === null || change === undefined) return { text: `${shown} (unknown)` };
  const sign = change > 0 ? "+" : "";
  return { text: `${shown} (${sign}${plainNumber(numberText(change))})` };
}
