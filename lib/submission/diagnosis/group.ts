import type { FailureClass } from "../../core/failures.ts";
import { flattenParams, type ParamValue } from "../../core/params.ts";
import type { RunStatus } from "../status.ts";
import type { Diagnosis, Evidence } from "./rule.ts";
import type { DiagnosedRun } from "./run.ts";

/** Something that all runs of a group share, and not all others. */
export interface CommonFactor {
  /** Parameter (dotted key), `node`, `partition` or `gpu_type`. */
  name: string;
  /** What all of them have. */
  value: ParamValue;
  /** Every value that there is among those that failed of this and those that completed. */
  of: ParamValue[];
  /** Completed runs that have this value too; absent where it is not known of them. */
  completedToo?: number;
}

/** Runs that failed of one thing. */
export interface FailureGroup {
  /** As a retry policy names it. */
  class: FailureClass;
  /** Id of the rule; absent for `unknown`. */
  rule?: string;
  /** What happened, in a few words. */
  title: string;
  /** What the user can do, one line. */
  remedy: string;
  /** `unknown` where no rule knows it. */
  certainty: Diagnosis["certainty"];
  /** Indices, rising. */
  runs: number[];
  /** Least shared with completed runs first; empty for a single run. */
  common: CommonFactor[];
  /** Of the first run. */
  evidence: Evidence[];
}

/** What a run has, by name: its parameters, and where it ran. */
export type FactorsOf = (run: number) => Readonly<Record<string, ParamValue>>;

/** Failures by what the runs failed of, the most frequent first, with what those runs share. */
export function groupFailures(
  failed: readonly DiagnosedRun[],
  completed: readonly number[],
  factorsOf: FactorsOf,
): FailureGroup[] {
  const groups = Map.groupBy(
    failed,
    ({ diagnosis }) => `${diagnosis.class} ${diagnosis.rule} ${diagnosis.certainty}`,
  );
  return [...groups.values()].map((members): FailureGroup => {
    const { class: failure, rule, title, remedy, certainty, evidence } = members[0]!.diagnosis;
    const runs = members.map(({ run }) => run);
    const common = runs.length > 1 ? commonFactors(runs, completed, factorsOf) : [];
    return { class: failure, rule, title, remedy, certainty, runs, common, evidence };
  }).sort((a, b) => b.runs.length - a.runs.length || a.runs[0]! - b.runs[0]!);
}

/** Where the failing runs agree, and the completed ones do not: least shared with those first. */
function commonFactors(
  failed: readonly number[],
  completed: readonly number[],
  factorsOf: FactorsOf,
): CommonFactor[] {
  const shared = Object.entries(factorsOf(failed[0]!)).filter(([name, value]) =>
    failed.every((run) => same(factorsOf(run)[name], value))
  );
  const factors = shared.flatMap(([name, value]): CommonFactor[] => {
    const others = completed.flatMap((run) => factorsOf(run)[name] ?? []);
    const of = distinct([value, ...others]);
    if (of.length === 1 && (name !== "node" || others.length > 0)) return [];
    const known = others.length > 0 || completed.length === 0;
    const completedToo = others.filter((other) => same(other, value)).length;
    return [{ name, value, of, ...known ? { completedToo } : {} }];
  });
  return factors.sort((a, b) => (a.completedToo ?? 0) - (b.completedToo ?? 0));
}

function same(one: ParamValue | undefined, other: ParamValue | undefined): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function distinct(values: readonly ParamValue[]): ParamValue[] {
  const found = [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  return found.every((value) => typeof value === "number")
    ? found.sort((a, b) => a - b)
    : found.sort((a, b) => String(a) < String(b) ? -1 : 1);
}

/** Parameters of a run, and the node that it ran on where that is known. */
export function factorsOfRun(
  { params, stages }: RunStatus,
  resources: Readonly<Record<string, ParamValue>> = {},
): Record<string, ParamValue> {
  const nodes = Object.values(stages).findLast(({ nodes }) => nodes !== undefined)?.nodes;
  return {
    ...resources,
    ...nodes === undefined ? {} : { node: nodes },
    ...Object.fromEntries(flattenParams(params)),
  };
}
