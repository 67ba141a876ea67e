import canonicalize from "canonicalize";
import type { Sweep } from "../core/experiment.ts";
import { flattenParams, isGroup, paramAt, type Params, type ParamValue } from "../core/params.ts";

/** What is wrong with a sweep, and where in it. */
export interface SweepProblem {
  path: PropertyKey[];
  message: string;
  hint: string;
}

/** Why a sweep cannot be expanded: two points would be the same, or a value would get lost. */
export function sweepProblem(sweep: Sweep, params: Params): SweepProblem | undefined {
  return listProblem(sweep, params) ?? gridProblem(sweep, params) ?? seedsProblem(sweep) ??
    overlapProblem(sweep);
}

function listProblem({ list }: Sweep, params: Params): SweepProblem | undefined {
  const keys = new Set(list.flatMap((point) => flattenParams(point).map(([key]) => key)));
  const effective = list.map((point) => {
    const set = new Map(flattenParams(point));
    return Array.from(keys, (key) => {
      const value = set.get(key) ?? (set.has(key) ? null : paramAt(params, key));
      return value === undefined ? "unset" : [value];
    });
  });
  const same = samePair(effective);
  if (!same) return undefined;
  return {
    path: ["list", same[1]],
    message: `Cannot sweep over list: points ${same[0] + 1} and ${same[1] + 1} are the same`,
    hint: "remove one of them; for replicates use seeds",
  };
}

function gridProblem({ grid }: Sweep, params: Params): SweepProblem | undefined {
  for (const [key, values] of Object.entries(grid)) {
    const same = samePair(values);
    if (same) return sameValues(["grid", key], key, same, values[same[1]]!);
    const below = paramAt(params, key);
    const plain = values.findIndex((value) => !isGroup(value));
    if (plain >= 0 && isGroup(below) && Object.keys(below).length > 0) {
      return {
        path: ["grid", key, plain],
        message: `Cannot sweep over ${key}: params.${key} is a group with ${
          Object.keys(below).join(", ")
        }, which a plain value would replace`,
        hint: `sweep over one of its parameters, or set params.${key} to a plain value as well`,
      };
    }
  }
  return undefined;
}

function seedsProblem({ seeds }: Sweep): SweepProblem | undefined {
  const same = samePair(seeds);
  return same && sameValues(["seeds"], "seeds", same, seeds[same[1]]!);
}

function sameValues(
  path: string[],
  name: string,
  [first, second]: [number, number],
  value: ParamValue,
): SweepProblem {
  const which = `values ${first + 1} and ${second + 1} are the same (${JSON.stringify(value)})`;
  return {
    path: [...path, second],
    message: `Cannot sweep over ${name}: ${which}`,
    hint: "remove one of them; for replicates use seeds",
  };
}

/** Positions of the first two values that are the same as JSON. */
function samePair(values: ParamValue[]): [number, number] | undefined {
  const seen = new Map<string, number>();
  for (const [index, value] of values.entries()) {
    const text = canonicalize(value)!;
    const before = seen.get(text);
    if (before !== undefined) return [before, index];
    seen.set(text, index);
  }
  return undefined;
}

/** A parameter that two parts of a sweep set, one of them perhaps as a part of its group. */
function overlapProblem({ grid, list, seeds, seed_key }: Sweep): SweepProblem | undefined {
  const listed = new Set(list.flatMap((point) => flattenParams(point).map(([key]) => key)));
  const swept = [
    ...Array.from(listed, (key) => ({ key, path: ["list"], groups: false })),
    ...Object.entries(grid).map(([key, values]) => ({
      key,
      path: ["grid", key],
      groups: values.some(isGroup),
    })),
    ...(seeds.length > 0 ? [{ key: seed_key, path: ["seeds"], groups: false }] : []),
  ];
  for (const [index, later] of swept.entries()) {
    const earlier = swept.slice(0, index).find((other) => collide(other, later));
    if (!earlier) continue;
    return {
      path: later.path,
      message: `Cannot sweep over ${later.key} in ${later.path[0]}: ` +
        `${earlier.path[0]} sweeps over ${earlier.key} already`,
      hint: "sweep over a parameter in one place",
    };
  }
  return undefined;
}

interface Swept {
  key: string;
  groups: boolean;
}

function collide(a: Swept, b: Swept): boolean {
  return a.key === b.key || (a.groups && b.key.startsWith(`${a.key}.`)) ||
    (b.groups && a.key.startsWith(`${b.key}.`));
}
