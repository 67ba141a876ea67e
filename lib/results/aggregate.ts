import canonicalize from "canonicalize";
import type { ParamValue } from "../core/params.ts";
import type { RunState } from "../core/states.ts";
import { type SplitParams, splitParams } from "./factors.ts";
import { importedNote } from "./imported_note.ts";
import { type Direction, isNonFinite, type ResultRecord } from "./records.ts";
import { type MetricSummary, summarise, type Use } from "./summary.ts";

/** Runs that differ by their seed only. */
export interface Group {
  experiment: string;
  /** By dotted key, without the seed. */
  params: Record<string, ParamValue>;
  /** Completed runs; only these count. */
  completed: number;
  /** The other runs, by state. */
  notCounted: Partial<Record<RunState, number>>;
  metrics: Record<string, MetricSummary>;
}

/** A metric that groups can be compared by. */
export interface NumericMetric {
  name: string;
  direction: Direction;
}

/** Groups in the order of their first run, and the parameters that tell them apart. */
export interface Aggregate extends SplitParams {
  groups: Group[];
  /** In the order in which records first have them. */
  metrics: NumericMetric[];
  /** Present where other tools ran some of the runs: which, and how many. */
  imported?: string;
}

/** How records are aggregated. */
export interface AggregateOptions {
  /** Dotted key of the parameter that tells replicates apart; `seed` unless told. */
  seedKey?: string;
  /** `last` unless told. */
  use?: Use;
}

/**
 * Groups runs by everything but the seed and summarises each metric. Runs that did not complete,
 * or lack the metric, are left out and counted, never replaced.
 */
export function aggregate(
  records: readonly ResultRecord[],
  options: AggregateOptions = {},
): Aggregate {
  const metrics = numericMetrics(records);
  const names = metrics.map(({ name }) => name);
  const groups = replicates(records, options.seedKey ?? "seed").map(
    ({ params, members }): Group => {
      const completed = members.filter((record) => record.state === "completed");
      return {
        experiment: members[0]!.experiment,
        params,
        completed: completed.length,
        notCounted: countStates(members.filter((record) => record.state !== "completed")),
        metrics: Object.fromEntries(
          names.map((name) => [name, summarise(completed, name, options.use ?? "last")]),
        ),
      };
    },
  );
  const imported = importedNote(records);
  return {
    groups,
    metrics,
    ...splitParams(groups.map((group) => group.params)),
    ...imported === undefined ? {} : { imported },
  };
}

/** Runs of one experiment with the same parameters but for the seed. */
export interface Replicates {
  /** Without the seed. */
  params: Record<string, ParamValue>;
  members: ResultRecord[];
}

/** Puts runs that differ by the parameter `seedKey` only together, in the order of the first. */
export function replicates(records: readonly ResultRecord[], seedKey = "seed"): Replicates[] {
  const groups = new Map<string, Replicates>();
  for (const record of records) {
    const params = Object.fromEntries(
      Object.entries(record.params).filter(([name]) => name !== seedKey),
    );
    const key = canonicalize([record.experiment, params])!;
    const group = groups.get(key);
    if (group) group.members.push(record);
    else groups.set(key, { params, members: [record] });
  }
  return [...groups.values()];
}

/** Metrics that are a number in at least one run. */
export function numericMetrics(records: readonly ResultRecord[]): NumericMetric[] {
  const found = new Map<string, Direction>();
  for (const { metrics } of records) {
    for (const [name, { last, best, direction }] of Object.entries(metrics)) {
      const numeric = typeof last === "number" || best !== undefined || isNonFinite(last);
      if (numeric && !found.has(name)) found.set(name, direction ?? "max");
    }
  }
  return Array.from(found, ([name, direction]) => ({ name, direction }));
}

function countStates(records: readonly ResultRecord[]): Group["notCounted"] {
  const counts: Group["notCounted"] = {};
  for (const { state } of records) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
