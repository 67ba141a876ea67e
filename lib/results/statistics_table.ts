import { showParam, type SplitParams, splitParams } from "./factors.ts";
import type { GroupStatistics } from "./group_statistics.ts";
import { numberText, plainNumber } from "./numbers.ts";
import { FEWEST } from "./statistics/describe.ts";
import type { Interval } from "./statistics/intervals.ts";
import { ARROWS, type Cell, type Table } from "./table_model.ts";

const NUMBERS = ["mean", "std", "median", "iqm", "min", "max"] as const;
/** Lays out statistics: a row for each set of parameters and metric. */
export function statisticsTable(groups: readonly GroupStatistics[], level = 0.95): Table {
  const { varying, constant } = splitParams(groups.map(({ params }) => params));
  const several = new Set(groups.map(({ experiment }) => experiment)).size > 1;
  const rows = groups.map((group): Cell[] => [
    ...(several ? [{ text: group.experiment }] : []),
    ...varying.map((name) => ({ text: showParam(group.params[name]) })),
    { text: group.metric + ARROWS[group.direction] },
    { text: String(group.n) },
    ...NUMBERS.map((name) => numberCell(group[name])),
    intervalCell(group.t),
    intervalCell(group.bootstrap),
  ]);
  const share = `${Math.round(level * 1000) / 10}%`;
  return {
    columns: [
      ...[...(several ? ["experiment"] : []), ...varying, "metric", "n"]
        .map((name) => ({ name, kind: "key" as const })),
      ...[...NUMBERS, `${share} CI (t)`, `${share} CI (bootstrap)`]
        .map((name) => ({ name, kind: "value" as const })),
    ],
    rows,
    notes: notesOn(groups, constant),
  };
}

function numberCell(value: number | undefined): Cell {
  return { text: value === undefined ? "–" : plainNumber(numberText(value)) };
}

function intervalCell(interval: Interval | undefined): Cell {
  if (!interval) return { text: "–" };
  const [low, high] = [interval.low, interval.high].map((end) => plainNumber(numberText(end)));
  return { text: `${low} to ${high}` };
}

function notesOn(
  groups: readonly GroupStatistics[],
  constant: SplitParams["constant"],
): string[] {
  const same = Object.entries(constant).map(([name, value]) => `${name}=${showParam(value)}`);
  const total = (key: "missing" | "nonFinite") => groups.reduce((sum, one) => sum + one[key], 0);
  const few = groups.filter(({ n }) => n < FEWEST).length;
  return [
    ...(same.length > 0 ? [`same in all: ${same.join(", ")}`] : []),
    ...(total("nonFinite") > 0
      ? [`values left out as they are not finite: ${total("nonFinite")}`]
      : []),
    ...(total("missing") > 0 ? [`completed runs without the metric: ${total("missing")}`] : []),
    ...(few > 0 ? [`warning: n < ${FEWEST} in ${few} of ${groups.length} rows`] : []),
  ];
}
