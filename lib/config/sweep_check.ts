import canonicalize from "canonicalize";
import { ConfigError } from "../core/errors.ts";
import { flattenParams, isGroup, paramAt, type Params, type ParamValue } from "../core/params.ts";
import type { Sweep } from "../core/sweep.ts";
import { valuesOf } from "./sweep_ranges.ts";

/** What is wrong with a sweep, and where in it. */
export class SweepError extends ConfigError {
  constructor(readonly path: readonly PropertyKey[], message: string, hint?: string) {
    super(message, { hint });
  }
}

/** Does a part of a reader's work, and says where in the sweep it failed. */
export function within<Value>(path: readonly PropertyKey[], read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw placedError(path, error);
  }
}

/** An error of a reader with its place in the sweep; any other as it is. */
export function placedError(path: readonly PropertyKey[], error: unknown): unknown {
  if (!(error instanceof ConfigError) || error instanceof SweepError) return error;
  return new SweepError(path, error.message, error.hint);
}

const ONCE = "remove one of them; for replicates use seeds";

/** @throws {SweepError} where two points of a list would be the same. */
export function checkList(list: readonly Params[], params: Params, path: PropertyKey[]): void {
  const keys = new Set(list.flatMap((point) => flattenParams(point).map(([key]) => key)));
  const effective = list.map((point) => {
    const set = new Map(flattenParams(point));
    return Array.from(keys, (key) => {
      const value = set.get(key) ?? (set.has(key) ? null : paramAt(params, key));
      return value === undefined ? "unset" : [value];
    });
  });
  const same = samePair(effective);
  if (!same) return;
  const which = `points ${same[0] + 1} and ${same[1] + 1}`;
  throw new SweepError([...path, same[1]], `Cannot sweep over list: ${which} are the same`, ONCE);
}

/** @throws {SweepError} where a parameter has a value twice, or a plain value in place of a group. */
export function checkValues(
  key: string,
  values: readonly ParamValue[],
  params: Params,
  path: PropertyKey[],
): void {
  checkDistinct(key, values, path);
  const below = paramAt(params, key);
  const plain = values.findIndex((value) => !isGroup(value));
  if (plain < 0 || !isGroup(below) || Object.keys(below).length === 0) return;
  throw new SweepError(
    [...path, plain],
    `Cannot sweep over ${key}: params.${key} is a group with ${
      Object.keys(below).join(", ")
    }, which a plain value would replace`,
    `sweep over one of its parameters, or set params.${key} to a plain value as well`,
  );
}

/** @throws {SweepError} where a value is there twice. */
export function checkDistinct(
  name: string,
  values: readonly ParamValue[],
  path: PropertyKey[],
): void {
  const same = samePair(values);
  if (!same) return;
  const [first, second] = same;
  const which = `values ${first + 1} and ${second + 1} are the same`;
  const message = `Cannot sweep over ${name}: ${which} (${JSON.stringify(values[second])})`;
  throw new SweepError([...path, second], message, ONCE);
}

/** @throws {SweepError} where the parameters of `zip` do not have as many values each. */
export function checkZip(zip: NonNullable<Sweep["zip"]>, path: PropertyKey[]): void {
  const [first, ...others] = Object.entries(zip)
    .map(([key, values]) => ({ key, count: valuesOf(values).length }));
  const other = others.find(({ count }) => count !== first!.count);
  if (!other) return;
  throw new SweepError(
    [...path, other.key],
    `Cannot zip ${first!.key} and ${other.key}: they have ${
      first!.count
    } and ${other.count} values`,
    "give each as many values; for all combinations use grid",
  );
}

/** Positions of the first two values that are the same as JSON. */
function samePair(values: readonly ParamValue[]): [number, number] | undefined {
  const seen = new Map<string, number>();
  for (const [index, value] of values.entries()) {
    const text = canonicalize(value)!;
    const before = seen.get(text);
    if (before !== undefined) return [before, index];
    seen.set(text, index);
  }
  return undefined;
}

/** A parameter that a factor of a sweep sets. */
export interface Swept {
  key: string;
  /** The part of the sweep that does: `grid`, `list`, … */
  part: string;
  path: PropertyKey[];
  /** Dotted keys in its values that are groups. */
  inside: readonly string[];
}

/** @throws {SweepError} where two factors set one parameter. */
export function checkOverlap(swept: readonly Swept[]): void {
  const byKey = new Map<string, Swept>();
  for (const later of swept) {
    const earlier = byKey.get(later.key) ?? swept.slice(0, swept.indexOf(later))
      .find((other) => reaches(other, later) || reaches(later, other));
    if (earlier) {
      throw new SweepError(
        later.path,
        `Cannot sweep over ${later.key} in ${later.part}: ` +
          `${earlier.part} sweeps over ${earlier.key} already`,
        "sweep over a parameter in one place",
      );
    }
    byKey.set(later.key, later);
  }
}

/** Whether a group among the values of one parameter holds the other. */
function reaches({ inside }: Swept, { key }: Swept): boolean {
  return inside.some((leaf) =>
    leaf === key || leaf.startsWith(`${key}.`) || key.startsWith(`${leaf}.`)
  );
}

/** Dotted keys of the values that are groups. */
export function insideOf(key: string, values: readonly ParamValue[]): string[] {
  const leaves = values.filter(isGroup).flatMap((group) => flattenParams(group, `${key}.`));
  return [...new Set(leaves.map(([leaf]) => leaf))];
}
