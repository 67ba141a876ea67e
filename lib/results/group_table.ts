import type { Aggregate, Group, NumericMetric } from "./aggregate.ts";
import { showParam } from "./factors.ts";
import { numberText, plainNumber } from "./numbers.ts";
import { type Candidate, type Rank, rankCells, unrankedNotes } from "./ranking.ts";
import type { MetricSummary } from "./summary.ts";
import type { Cell, Column, Table } from "./table_model.ts";

const ABSENT = "–";

/** Which metrics a table shows, in which order; all when empty. */
export interface GroupTableOptions {
  metrics?: readonly string[];
}

/** Lays out groups as a table: varying parameters, number of runs, mean ± std of each metric. */
export function groupTable(aggregate: Aggregate, options: GroupTableOptions = {}): Table {
  const { groups, varying, constant } = aggregate;
  const metrics = chooseMetrics(aggregate, options.metrics ?? []);
  const several = new Set(groups.map((group) => group.experiment)).size > 1;
  const columns: Column[] = [
    ...(several ? [{ name: "experiment", kind: "key" as const }] : []),
    ...varying.map((name) => ({ name, kind: "key" as const })),
    { name: "n", kind: "key" },
    ...metrics.map(({ name, direction }) => ({ name, kind: "value" as const, direction })),
  ];
  const candidates = metrics.map(({ name }) => candidatesOf(groups, name));
  const ranks = metrics.map(({ direction }, at): Rank[] => rankCells(candidates[at]!, direction));
  const rows = groups.map((group, at): Cell[] => [
    ...(several ? [{ text: group.experiment }] : []),
    ...varying.map((name) => ({ text: showParam(group.params[name]) })),
    { text: String(group.completed) },
    ...metrics.map(({ name }, column) =>
      metricCell(group.metrics[name]!, group.completed, ranks[column]![at]!)
    ),
  ]);
  const notes = notesOn(groups, metrics.map(({ name }) => name), constant);
  const imported = aggregate.imported === undefined ? [] : [aggregate.imported];
  return { columns, rows, notes: [...notes, ...unrankedNotes(candidates), ...imported] };
}

function chooseMetrics(aggregate: Aggregate, wanted: readonly string[]): NumericMetric[] {
  if (wanted.length === 0) return aggregate.metrics;
  return wanted.flatMap((name) => aggregate.metrics.find((metric) => metric.name === name) ?? []);
}

function candidatesOf(groups: readonly Group[], name: string): Candidate[] {
  return groups.map(({ metrics }) => ({
    value: metrics[name]?.mean,
    sound: !metrics[name]?.nonFinite,
  }));
}

function metricCell(summary: MetricSummary, completed: number, rank: Rank): Cell {
  if (summary.mean === undefined) return { text: summary.nonFinite > 0 ? "not finite" : ABSENT };
  const number = numberText(summary.mean, summary.std);
  const n = summary.n === completed ? undefined : summary.n;
  return { text: plainNumber(number), number, ...(n === undefined ? {} : { n }), ...rank };
}

function notesOn(
  groups: Group[],
  metrics: string[],
  constant: Aggregate["constant"],
): string[] {
  const notes: string[] = [];
  const same = Object.entries(constant).map(([name, value]) => `${name}=${showParam(value)}`);
  if (same.length > 0) notes.push(`same in all: ${same.join(", ")}`);
  const states = new Map<string, number>();
  for (const { notCounted } of groups) {
    for (const [state, count] of Object.entries(notCounted)) {
      states.set(state, (states.get(state) ?? 0) + count);
    }
  }
  const left = Array.from(states, ([state, count]) => `${count} ${state.replaceAll("_", " ")}`);
  if (left.length > 0) notes.push(`runs not counted: ${left.join(", ")}`);
  for (const metric of metrics) {
    const total = (key: "missing" | "nonFinite") =>
      groups.reduce((sum, group) => sum + group.metrics[metric]![key], 0);
    const parts = [
      [total("nonFinite"), "not finite"] as const,
      [total("missing"), "without it"] as const,
    ].filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
    if (parts.length > 0) notes.push(`${metric}: completed runs left out: ${parts.join(", ")}`);
  }
  return notes;
}
