import { UsageError } from "../core/errors.ts";
import { flattenParams, paramAt, type ParamValue } from "../core/params.ts";
import type { RunState } from "../core/states.ts";
import { didYouMean } from "../core/suggest.ts";
import { countStates, type RunStatus } from "./status.ts";

/** Runs that have the same values of some parameters. */
export interface FactorGroup {
  /** One for each parameter; absent where these runs do not have it. */
  values: (ParamValue | undefined)[];
  /** How many of its runs are in each state. */
  counts: Partial<Record<RunState, number>>;
}

/** The part of a run that groups are made of. */
export type FactorRun = Pick<RunStatus, "params" | "state">;

/**
 * Groups runs by parameters, by rising values where these are numbers, else in the order in which
 * runs first have them.
 *
 * @throws {UsageError} for a parameter that no run has.
 */
export function groupByFactors(
  runs: readonly FactorRun[],
  factors: readonly string[],
): FactorGroup[] {
  const groups = new Map<string, { values: FactorGroup["values"]; runs: FactorRun[] }>();
  for (const run of runs) {
    const values = factors.map((factor) => paramAt(run.params, factor));
    const key = keyOf(values);
    const known = groups.get(key);
    if (known) known.runs.push(run);
    else groups.set(key, { values, runs: [run] });
  }
  const found = [...groups.values()].map(({ values, runs }) => ({
    values,
    counts: countStates(runs),
  }));
  for (const [at, factor] of factors.entries()) {
    if (found.some(({ values }) => values[at] !== undefined)) continue;
    throw new UsageError(`Cannot group by ${JSON.stringify(factor)}: no run has this parameter`, {
      hint: didYouMean(factor, namesIn(runs)),
    });
  }
  const orders = factors.map((_, at) => orderOf(distinct(found, at)));
  return found.sort((a, b) => {
    for (const [at, order] of orders.entries()) {
      const difference = order(a.values[at]) - order(b.values[at]);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

/** The values that groups have of one parameter, in the order of the groups. */
export function distinct(groups: readonly FactorGroup[], at: number): (ParamValue | undefined)[] {
  return [
    ...new Map(groups.map(({ values }) => [keyOf([values[at]]), values[at]])).values(),
  ];
}

/** The same for the same values; `null` is one, and none is another. */
export function keyOf(values: FactorGroup["values"]): string {
  return JSON.stringify(values.map((value) => value === undefined ? [] : [value]));
}

function orderOf(values: (ParamValue | undefined)[]): (value: ParamValue | undefined) => number {
  const sorted = values.every((value) => typeof value === "number")
    ? values.toSorted((a, b) => a - b)
    : values;
  const places = new Map(sorted.map((value, at) => [keyOf([value]), at]));
  return (value) => places.get(keyOf([value]))!;
}

function namesIn(runs: readonly FactorRun[]): string[] {
  const names = new Set<string>();
  for (const { params } of runs) for (const [name] of flattenParams(params)) names.add(name);
  return [...names];
}
