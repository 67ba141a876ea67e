import { flattenParams, type Params, type ParamValue } from "../core/params.ts";
import type { Sweep } from "../core/sweep.ts";
import {
  checkDistinct,
  checkList,
  checkValues,
  checkZip,
  insideOf,
  type Swept,
  within,
} from "./sweep_check.ts";
import { DRAW_KINDS, drawnParams } from "./sweep_draws.ts";
import { valuesOf } from "./sweep_ranges.ts";

/** What one value of one factor of a sweep sets; a seed is named too. */
export interface Choice {
  set: [string, ParamValue][];
  seed?: number;
}

/** A dimension of a sweep. */
export interface Factor {
  /** The part of the sweep that it comes from: `grid`, `list`, … */
  part: string;
  /** Dotted keys of the parameters that its choices set. */
  keys: string[];
  /** The same with their places. */
  swept: Swept[];
  /** Number of choices, at least one. */
  size: number;
  /** A choice, from the 0th. */
  at(index: number): Choice;
}

/**
 * The factors of one block, from the outermost to the innermost: list, draws, zip, grid, seeds.
 *
 * @throws {SweepError} when one of them cannot be read.
 */
export function factorsOf(sweep: Sweep, params: Params, path: PropertyKey[]): Factor[] {
  return [
    ...listOf(sweep, params, [...path, "list"]),
    ...drawsOf(sweep, path),
    ...zipOf(sweep, params, [...path, "zip"]),
    ...gridOf(sweep, params, [...path, "grid"]),
    ...seedsOf(sweep, [...path, "seeds"]),
  ].filter(({ size }) => size > 0);
}

/** The seeds of a sweep: so many from 0, or a list. */
export function seedList({ seeds = [] }: Pick<Sweep, "seeds">): number[] {
  return typeof seeds === "number" ? Array.from({ length: seeds }, (_, seed) => seed) : seeds;
}

function factor(swept: Swept[], choices: readonly Choice[]): Factor {
  return {
    part: swept[0]?.part ?? "list",
    keys: swept.map(({ key }) => key),
    swept,
    size: choices.length,
    at: (index) => choices[index]!,
  };
}

function listOf({ list = [] }: Sweep, params: Params, path: PropertyKey[]): Factor[] {
  checkList(list, params, path);
  const choices = list.map((point) => ({ set: flattenParams(point).sort(groupsFirst) }));
  const keys = new Set(choices.flatMap(({ set }) => set.map(([key]) => key)));
  return [factor(Array.from(keys, (key) => ({ key, part: "list", path, inside: [] })), choices)];
}

function drawsOf(sweep: Sweep, path: PropertyKey[]): Factor[] {
  return DRAW_KINDS.flatMap((part) => {
    const draws = sweep[part];
    if (!draws) return [];
    const drawn = Object.entries(draws.params).length > 0
      ? within([...path, part, "params"], () => drawnParams(part, draws))
      : [];
    const swept = drawn.map(({ key }) => ({
      key,
      part,
      path: [...path, part, "params", key],
      inside: Array.isArray(draws.params[key]) ? insideOf(key, draws.params[key]) : [],
    }));
    const at = (index: number): Choice => ({ set: drawn.map(({ key, at }) => [key, at(index)]) });
    return [{ ...factor(swept, []), part, size: draws.n, at }];
  });
}

function zipOf({ zip = {} }: Sweep, params: Params, path: PropertyKey[]): Factor[] {
  const columns = Object.entries(zip).map(([key, values]) => {
    const place = [...path, key];
    return { key, path: place, values: within(place, () => valuesOf(values)) };
  });
  checkZip(zip, path);
  if (columns.length === 0) return [];
  const rows = columns[0]!.values.map((_, row) =>
    columns.map(({ key, values }): [string, ParamValue] => [key, values[row]!])
  );
  checkDistinct("zip", rows.map((row) => Object.fromEntries(row)), [...path, columns[0]!.key]);
  for (const { key, values, path } of columns) {
    checkValues(
      key,
      [...new Map(values.map((value) => [JSON.stringify(value), value])).values()],
      params,
      path,
    );
  }
  const swept = columns.map(({ key, path, values }) => ({
    key,
    part: "zip",
    path,
    inside: insideOf(key, values),
  }));
  return [factor(swept, rows.map((set) => ({ set: set.sort(groupsFirst) })))];
}

function gridOf({ grid = {} }: Sweep, params: Params, path: PropertyKey[]): Factor[] {
  return Object.entries(grid).map(([key, given]) => {
    const place = [...path, key];
    const values = within(place, () => valuesOf(given));
    checkValues(key, values, params, place);
    return factor(
      [{ key, part: "grid", path: place, inside: insideOf(key, values) }],
      values.map((value) => ({ set: [[key, value]] })),
    );
  });
}

function seedsOf(sweep: Sweep, path: PropertyKey[]): Factor[] {
  const seeds = seedList(sweep);
  const key = sweep.seed_key ?? "seed";
  checkDistinct("seeds", seeds, path);
  return [
    factor(
      [{ key, part: "seeds", path, inside: [] }],
      seeds.map((seed) => ({ set: [[key, seed]], seed })),
    ),
  ];
}

/** A plain `optim` before `optim.lr`, which then stays beside it. */
export function groupsFirst([a]: [string, ParamValue], [b]: [string, ParamValue]): number {
  return a.split(".").length - b.split(".").length;
}
