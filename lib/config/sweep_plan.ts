import { didYouMean } from "../core/suggest.ts";
import { flattenParams, paramAt, type Params } from "../core/params.ts";
import type { Sweep } from "../core/sweep.ts";
import { checkOverlap, SweepError, within } from "./sweep_check.ts";
import { type Condition, parseCondition } from "./sweep_condition.ts";
import { type Factor, factorsOf } from "./sweep_factors.ts";

/** A condition of a sweep, with its place. */
export interface Placed {
  condition: Condition;
  path: PropertyKey[];
}

/** Factors whose combinations are points, and what leaves some of them out. */
export interface Product {
  /** From the outermost to the one that varies fastest. */
  factors: Factor[];
  /** A point that breaks one of them is left out. */
  where: Placed[];
  /** Parameter → what must hold for the sweep to set it; each behind those it depends on. */
  when: Map<string, Condition[]>;
  /** Named group of its points. */
  group?: string;
}

/**
 * A sweep as products, one after the other: each way through its `concat` and `groups` is one.
 *
 * @throws {SweepError} when two factors set one parameter, a value would get lost, or something
 * cannot be read.
 */
export function planSweep(sweep: Sweep, params: Params): Product[] {
  const drafts = draftsOf(sweep, params, []);
  for (const { factors } of drafts) checkOverlap(factors.flatMap(({ swept }) => swept));
  const keys = new Set(drafts.flatMap(({ factors }) => factors.flatMap((factor) => factor.keys)));
  for (const { where, when } of drafts) {
    for (const place of [...where, ...when]) checkNames(place, keys, params);
    for (const { key, path } of when) checkConditional(key, path, keys);
  }
  return drafts.map((draft) => ({ ...draft, when: orderedConditions(draft) }));
}

interface Conditional extends Placed {
  key: string;
}

interface Draft extends Omit<Product, "when"> {
  when: Conditional[];
}

const NOTHING: Draft = { factors: [], where: [], when: [] };

function draftsOf(sweep: Sweep, params: Params, path: PropertyKey[]): Draft[] {
  const own: Draft = {
    factors: factorsOf(sweep, params, path),
    where: whereOf(sweep, path),
    when: Object.entries(sweep.when ?? {}).map(([key, text]) => {
      const place = [...path, "when", key];
      return { key, path: place, condition: within(place, () => parseCondition(text)) };
    }),
  };
  const concat = (sweep.concat ?? []).flatMap((part, index) =>
    draftsOf(part, params, [...path, "concat", index])
  );
  if (sweep.groups && path.length > 0) {
    throw new SweepError(
      [...path, "groups"],
      "Cannot have groups in a part of a sweep",
      "name them at the top of the sweep",
    );
  }
  const groups = Object.entries(sweep.groups ?? {}).flatMap(([group, part]) =>
    draftsOf(part, params, [...path, "groups", group]).map((draft) => ({ group, ...draft }))
  );
  return crossed(orNothing(concat), orNothing(groups)).map((outer) => joined(outer, own));
}

function orNothing(drafts: Draft[]): Draft[] {
  return drafts.length > 0 ? drafts : [NOTHING];
}

function crossed(outer: Draft[], inner: Draft[]): Draft[] {
  return outer.flatMap((first) => inner.map((second) => joined(first, second)));
}

/** Seeds stay innermost. */
function joined(outer: Draft, inner: Draft): Draft {
  const factors = [...outer.factors, ...inner.factors];
  const group = inner.group ?? outer.group;
  return {
    factors: [
      ...factors.filter(({ part }) => part !== "seeds"),
      ...factors.filter(({ part }) => part === "seeds"),
    ],
    where: [...outer.where, ...inner.where],
    when: [...outer.when, ...inner.when],
    ...(group === undefined ? {} : { group }),
  };
}

function whereOf({ where }: Sweep, path: PropertyKey[]): Placed[] {
  if (where === undefined) return [];
  const texts = typeof where === "string" ? [where] : where;
  return texts.map((text, index) => {
    const place = [...path, "where", ...(typeof where === "string" ? [] : [index])];
    return { path: place, condition: within(place, () => parseCondition(text)) };
  });
}

function checkNames({ condition, path }: Placed, keys: Set<string>, params: Params): void {
  const unknown = condition.names.find((name) =>
    paramAt(params, name) === undefined && !isSwept(name, keys)
  );
  if (unknown === undefined) return;
  const known = [...keys, ...flattenParams(params).map(([key]) => key)];
  const near = didYouMean(unknown, known);
  throw new SweepError(
    path,
    `Cannot use the condition ${JSON.stringify(condition.text)}: ${unknown} is no parameter`,
    `${near ?? ""}${near ? "; " : ""}where it is text, quote it: '${unknown}'`,
  );
}

/** Whether a sweep sets a parameter, as a part of its group or with parts of its own too. */
function isSwept(name: string, keys: Set<string>): boolean {
  if (keys.has(name)) return true;
  return [...keys].some((key) => key.startsWith(`${name}.`) || name.startsWith(`${key}.`));
}

function checkConditional(key: string, path: PropertyKey[], keys: Set<string>): void {
  if (keys.has(key)) return;
  throw new SweepError(
    path,
    `Cannot make ${key} conditional: the sweep does not set it`,
    didYouMean(key, [...keys]),
  );
}

/** Conditions in an order in which each finds decided what it looks at. */
function orderedConditions({ when, factors }: Draft): Map<string, Condition[]> {
  const set = new Set(factors.flatMap(({ keys }) => keys));
  const open = new Map<string, Conditional[]>();
  for (const one of when) {
    if (set.has(one.key)) open.set(one.key, [...open.get(one.key) ?? [], one]);
  }
  const ordered = new Map<string, Condition[]>();
  while (open.size > 0) {
    const free = [...open].find(([, all]) =>
      all.every(({ condition }) => condition.names.every((name) => !touches(name, open.keys())))
    );
    if (!free) {
      const [key, [first]] = open.entries().next().value!;
      const circle = [...open.keys()].join(", ");
      throw new SweepError(
        first!.path,
        `Cannot make ${key} conditional: whether it is set depends on ${circle}`,
        "take one of these conditions out",
      );
    }
    ordered.set(free[0], free[1].map(({ condition }) => condition));
    open.delete(free[0]);
  }
  return ordered;
}

function touches(name: string, keys: Iterable<string>): boolean {
  return isSwept(name, new Set(keys));
}

/** Dotted keys of the parameters that a sweep sets, in the order of its definition. */
export function sweptKeys(products: readonly Product[]): string[] {
  return [...new Set(products.flatMap(({ factors }) => factors.flatMap(({ keys }) => keys)))];
}
