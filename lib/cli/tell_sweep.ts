import type { ExclusionCount, FactorCount } from "../config/sweep_summary.ts";
import { formatDuration } from "../core/durations.ts";
import { flattenParams } from "../core/params.ts";
import type { SweepExtension } from "../manager/extend.ts";
import type { SweepPreview } from "../manager/sweep.ts";
import type { CostBound } from "../submission/cost.ts";
import type { CommandPorts } from "./registry.ts";
import { textTable } from "./text_table.ts";

/** Values of a parameter that are written out. */
const MOST_SHOWN = 8;

/** Says what a sweep comes to. */
export function tellSweep({ context, globals }: CommandPorts, preview: SweepPreview): void {
  if (globals().json) {
    context.out(`${JSON.stringify(preview)}\n`);
    return;
  }
  const { id, runs, states, gone, excluded, factors, groups, cost, first } = preview;
  const told = Object.entries(states).map(([state, count]) => `${count} ${state}`).join(", ");
  context.out(`${id}: ${counted(runs, "run")}${told === "" ? "" : ` (${told})`}\n`);
  for (const exclusion of excluded) context.out(`  ${left(exclusion)}\n`);
  if (gone > 0) context.out(`  ${counted(gone, "earlier run")} no longer part of the sweep\n`);
  for (const [group, count] of Object.entries(groups)) {
    context.out(`  group ${group}: ${counted(count, "run")}\n`);
  }
  if (factors.length > 0) {
    const rows = factors.map((factor) => [factor.key, distinct(factor), valuesText(factor)]);
    context.out(`\n${textTable(["parameter", "values", "runs of each"], rows, context.columns)}`);
  }
  context.out(`\n${costText(cost)}`);
  if (first.length === 0) return;
  const keys = [...new Set(first.flatMap(({ params }) => Object.keys(params)))];
  const named = first.some(({ group }) => group !== undefined);
  const rows = first.map(({ index, params, group, state }) => [
    String(index),
    ...(named ? [group ?? ""] : []),
    ...keys.map((key) => Object.hasOwn(params, key) ? cell(params[key]) : "-"),
    state,
  ]);
  const head = ["run", ...(named ? ["group"] : []), ...keys, "state"];
  context.out(`\n${textTable(head, rows, context.columns)}`);
  if (runs > first.length) context.out(`… and ${runs - first.length} more; --first shows more\n`);
}

/** Says what was added to a sweep. */
export function tellExtension(
  { context, globals }: CommandPorts,
  extension: SweepExtension,
  dryRun: boolean,
): void {
  const { id, path, extensions, kept, added, first } = extension;
  if (globals().json) {
    context.out(`${JSON.stringify({ id, path, dryRun, extensions, kept, added, first })}\n`);
    return;
  }
  if (extensions.length === 0 && added === 0) {
    context.out(`${id}: nothing to add, the sweep has these values already\n`);
    return;
  }
  for (const { key, added } of extensions) {
    context.out(`${key}: ${added.map(cell).join(", ")} ${dryRun ? "would be " : ""}added\n`);
  }
  context.out(`${id}: ${counted(kept, "run")} kept, ${counted(added, "run")} new\n`);
  const keys = [...new Set(first.flatMap((params) => flattenParams(params).map(([key]) => key)))];
  const rows = first.map((params) => {
    const values = new Map(flattenParams(params));
    return keys.map((key) => values.has(key) ? cell(values.get(key)) : "-");
  });
  if (rows.length > 0) context.out(`\n${textTable(keys, rows, context.columns)}`);
  if (added > rows.length) context.out(`… and ${added - rows.length} more\n`);
  context.out(dryRun ? "nothing was written\n" : `next: expflow submit ${id}\n`);
}

function left({ by, text, count }: ExclusionCount): string {
  const combinations = counted(count, "combination");
  if (by === "where") return `${combinations} left out by where: ${text}`;
  if (by === "same") return `${combinations} left out: the same as a run before`;
  return `${combinations} folded into others: ${text} is not set there`;
}

function distinct({ distinct, more }: FactorCount): string {
  return more ? `more than ${distinct}` : String(distinct);
}

function valuesText({ values, span, unset }: FactorCount): string {
  const none = unset > 0 ? [`not set: ${unset}`] : [];
  const all = values.length > MOST_SHOWN || (span && values.every(({ runs }) => runs === 1));
  if (all && values.length > 1) {
    const range = span ? `${span[0]} to ${span[1]}` : `${cell(values[0]!.value)}, …`;
    return [range, ...none].join("; ");
  }
  return [...values.map(({ value, runs }) => `${cell(value)}: ${runs}`), ...none].join(", ");
}

function costText({ gpuHours, cpuHours, stages }: CostBound): string {
  const reasons = [...new Set(stages.flatMap(({ unknown }) => unknown))];
  const bounds = [hours(gpuHours, "GPU"), hours(cpuHours, "CPU")].join(", ");
  const why = reasons.length > 0
    ? reasons.join("; ")
    : `upper bound: every run once, up to its time limit of ${
      [...new Set(stages.map(({ seconds }) => formatDuration(seconds ?? Infinity)))].join(" or ")
    }`;
  return `cost: ${bounds} (${why})\n`;
}

function hours(value: number | null, unit: string): string {
  return value === null
    ? `${unit}-hours unknown`
    : `at most ${Number(value.toFixed(2))} ${unit}-hours`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function cell(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "-";
}
