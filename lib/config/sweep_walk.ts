import canonicalize from "canonicalize";
import type { RunPoint } from "../core/experiment.ts";
import type { Params, ParamValue } from "../core/params.ts";
import { placedError } from "./sweep_check.ts";
import { type Choice, type Factor, groupsFirst } from "./sweep_factors.ts";
import type { Product } from "./sweep_plan.ts";
import { setParam } from "./sweep_params.ts";

/** Why a combination of choices is no point. */
export interface Exclusion {
  /**
   * `where`: it breaks a condition. `when`: it differs from a point only in parameters that the
   * sweep does not set there. `same`: it is a point that was there before.
   */
  by: "where" | "when" | "same";
  /** The condition, the parameters that are not set, or nothing. */
  text: string;
}

/** Told of every combination that is no point. */
export type OnExcluded = (exclusion: Exclusion) => void;

/** The points of one product, the last factor varying fastest. */
export function* walk(
  product: Product,
  params: Params,
  onExcluded: OnExcluded,
): Generator<RunPoint> {
  const { factors, where, group } = product;
  const at = factors.map(() => 0);
  const chosen: Choice[] = [];
  const assemble = assembler(product, params);
  let turned = 0;
  while (true) {
    for (let index = turned; index < factors.length; index++) {
      chosen[index] = factors[index]!.at(at[index]!);
    }
    const made = assemble(chosen, at, turned);
    if ("unset" in made) onExcluded({ by: "when", text: made.unset });
    else {
      const broken = brokenBy(where, made.params);
      if (broken) onExcluded({ by: "where", text: broken.condition.text });
      else yield pointOf(made.params, chosen.at(-1)?.seed, group);
    }
    turned = factors.length - 1;
    while (turned >= 0 && ++at[turned]! === factors[turned]!.size) at[turned--] = 0;
    if (turned < 0) return;
  }
}

/** The first condition that a point breaks. */
function brokenBy(where: Product["where"], params: Params): Product["where"][number] | undefined {
  for (const placed of where) {
    try {
      if (placed.condition.holds(params) === false) return placed;
    } catch (error) {
      throw placedError(placed.path, error);
    }
  }
  return undefined;
}

function pointOf(params: Params, seed: number | undefined, group: string | undefined): RunPoint {
  const point: RunPoint = seed === undefined ? { params } : { params, seed };
  if (group !== undefined) point.group = group;
  return point;
}

type Made = { params: Params } | { unset: string };

/** Makes the parameters of a point; `turned` is the outermost factor whose choice has changed. */
type Assembler = (chosen: readonly Choice[], at: readonly number[], turned: number) => Made;

function assembler({ factors, when }: Product, params: Params): Assembler {
  if (when.size > 0) return conditional(factors, when, params);
  if (!inOrder(factors)) {
    return (chosen) => ({
      params: withAll(params, chosen.flatMap(({ set }) => set).sort(groupsFirst)),
    });
  }
  const made = [params];
  return (chosen, _, turned) => {
    for (let index = turned; index < chosen.length; index++) {
      made[index + 1] = withAll(made[index]!, chosen[index]!.set);
    }
    return { params: made[chosen.length]! };
  };
}

/** Whether a group comes before its parts from factor to factor. */
function inOrder(factors: readonly Factor[]): boolean {
  const keys = factors.flatMap((factor) => factor.keys);
  return keys.every((key, index) => !keys.slice(0, index).some((one) => one.startsWith(`${key}.`)));
}

function withAll(params: Params, set: readonly [string, ParamValue][]): Params {
  let made = params;
  for (const [key, value] of set) made = setParam(made, key, value);
  return made;
}

/**
 * Sets what has no condition, then each of the others where its condition holds. Of combinations
 * that differ only in what is not set, the first is the point.
 */
function conditional(
  factors: readonly Factor[],
  when: Product["when"],
  params: Params,
): Assembler {
  const first = new FirstOfEach(factors);
  return (chosen, at) => {
    const all = chosen.flatMap(({ set }) => set).sort(groupsFirst);
    let made = withAll(params, all.filter(([key]) => !when.has(key)));
    const unset: string[] = [];
    for (const [key, conditions] of when) {
      const setting = all.find(([other]) => other === key);
      if (!setting) continue;
      if (conditions.every((condition) => condition.holds(made))) {
        made = setParam(made, ...setting);
      } else unset.push(key);
    }
    if (unset.length > 0 && !first.isAt(at, unset)) return { unset: unset.join(", ") };
    return { params: made };
  };
}

/** Knows which choice of a factor is the first of those that differ only in what is not set. */
class FirstOfEach {
  readonly #known = new Map<string, boolean[]>();

  constructor(readonly factors: readonly Factor[]) {}

  isAt(at: readonly number[], unset: readonly string[]): boolean {
    return this.factors.every((factor, index) => {
      const missing = unset.filter((key) => factor.keys.includes(key));
      return missing.length === 0 || this.#firsts(factor, index, missing)[at[index]!]!;
    });
  }

  #firsts(factor: Factor, index: number, missing: string[]): boolean[] {
    const name = JSON.stringify([index, ...missing]);
    let firsts = this.#known.get(name);
    if (!firsts) {
      const seen = new Set<string>();
      firsts = Array.from({ length: factor.size }, (_, choice) => {
        const rest = factor.at(choice).set.filter(([key]) => !missing.includes(key));
        const before = seen.size;
        return seen.add(canonicalize(rest)!).size > before;
      });
      this.#known.set(name, firsts);
    }
    return firsts;
  }
}
