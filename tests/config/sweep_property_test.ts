import assert from "node:assert/strict";
import fc from "fast-check";
import type { RunPoint } from "../../lib/core/experiment.ts";
import type { Params, ParamValue } from "../../lib/core/params.ts";
import type { Sweep } from "../../lib/core/sweep.ts";
import { expandSweep } from "../../lib/config/sweep.ts";

type Truth = (params: Params) => boolean | undefined;

/** Conditions with their meaning, written anew: what is absent makes them unknown. */
const CONDITIONS: Record<string, Truth> = {
  "a < 2": ({ a }) => a === undefined ? undefined : Number(a) < 2,
  "a + b <= 3": ({ a, b }) =>
    a === undefined || b === undefined ? undefined : Number(a) + Number(b) <= 3,
  "b == null or c != 1": ({ b, c }) => b === undefined || (c === undefined ? undefined : c !== 1),
  "not (d == 'x' and e > 0)": ({ d, e }) => {
    const [first, second] = [
      d === undefined ? undefined : d === "x",
      e === undefined ? undefined : Number(e) > 0,
    ];
    if (first === false || second === false) return true;
    return first === undefined || second === undefined ? undefined : false;
  },
  "e in [0, 2]": ({ e }) => e === undefined ? undefined : e === 0 || e === 2,
};
const WHEN_B: Record<string, Truth> = {
  "a == 1": ({ a }) => a === undefined ? undefined : a === 1,
  "d == 'x'": ({ d }) => d === undefined ? undefined : d === "x",
};
const WHEN_C: Record<string, Truth> = {
  "b >= 1": ({ b }) => b === undefined ? undefined : Number(b) >= 1,
  "a != 0": ({ a }) => a === undefined ? undefined : a !== 0,
};

interface Row {
  set: [string, ParamValue][];
  where: string[];
  when: [string, string][];
  group?: string;
}

const empty: Row = { set: [], where: [], when: [] };
const joined = (a: Row, b: Row): Row => ({
  set: [...a.set, ...b.set],
  where: [...a.where, ...b.where],
  when: [...a.when, ...b.when],
  group: b.group ?? a.group,
});
const product = (left: Row[], right: Row[]): Row[] =>
  left.flatMap((a) => right.map((b) => joined(a, b)));
const rowsOf = (sets: [string, ParamValue][][]): Row[] =>
  sets.length === 0 ? [empty] : sets.map((set) => ({ ...empty, set }));

/** All combinations of a sweep at once, by its definition and in its order. */
function combinations(sweep: Sweep): Row[] {
  const parts = sweep.concat?.flatMap(combinations) ?? [empty];
  const groups = sweep.groups
    ? Object.entries(sweep.groups)
      .flatMap(([group, part]) => combinations(part).map((row) => ({ ...row, group })))
    : [empty];
  const zip = Object.entries(sweep.zip ?? {}) as [string, ParamValue[]][];
  const rows = zip[0]?.[1].map((_, row) =>
    zip.map(([key, all]): [string, ParamValue] => [key, all[row]!])
  );
  let all = product(
    product(parts, groups),
    rowsOf((sweep.list ?? []).map((point) => Object.entries(point))),
  );
  all = product(all, rowsOf(rows ?? []));
  for (const [key, values] of Object.entries(sweep.grid ?? {})) {
    all = product(all, rowsOf((values as ParamValue[]).map((value) => [[key, value]])));
  }
  all = product(all, rowsOf(((sweep.seeds ?? []) as number[]).map((seed) => [["seed", seed]])));
  const own = {
    ...empty,
    where: [sweep.where ?? []].flat(),
    when: Object.entries(sweep.when ?? {}),
  };
  return all.map((row) => joined(row, own));
}

function reference(sweep: Sweep, base: Params): RunPoint[] {
  const seen = new Set<string>();
  return combinations(sweep).flatMap(({ set, where, when, group }) => {
    const params: Params = { ...base };
    for (const [key, value] of set) if (!["b", "c"].includes(key)) params[key] = value;
    for (const [name, table] of [["b", WHEN_B], ["c", WHEN_C]] as const) {
      const conditions = when.filter(([key]) => key === name).map(([, text]) => table[text]!);
      const value = set.find(([key]) => key === name);
      if (value && conditions.every((holds) => holds(params) === true)) params[name] = value[1];
    }
    if (where.some((text) => CONDITIONS[text]!(params) === false)) return [];
    const mark = JSON.stringify(Object.entries(params).sort(([a], [b]) => a < b ? -1 : 1));
    if (seen.has(mark)) return [];
    seen.add(mark);
    return [{
      params,
      ...(sweep.seeds === undefined ? {} : { seed: params.seed as number }),
      ...(group === undefined ? {} : { group }),
    }];
  });
}

const values = fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 3 });
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const where = fc.uniqueArray(fc.constantFrom(...Object.keys(CONDITIONS)), {
  minLength: 1,
  maxLength: 2,
});
const gridOf = (...keys: string[]) =>
  fc.record(Object.fromEntries(keys.map((key) => [key, values])), { requiredKeys: [] })
    .map((grid) => grid as Record<string, ParamValue[]>);
const part: fc.Arbitrary<Sweep> = fc.record({
  grid: gridOf("a", "b"),
  where: some(where),
}).map(defined);
const definition: fc.Arbitrary<Sweep> = fc.record({
  concat: some(fc.array(part, { minLength: 1, maxLength: 3 })),
  list: some(
    fc.uniqueArray(fc.constantFrom("x", "y", 1), { minLength: 1, maxLength: 2 })
      .map((all) => all.map((d) => ({ d }))),
  ),
  zip: some(
    fc.uniqueArray(fc.tuple(fc.nat(2), fc.nat(2)), {
      minLength: 1,
      maxLength: 3,
      selector: ([e, f]) => `${e} ${f}`,
    }).map((all) => ({ e: all.map(([e]) => e), f: all.map(([, f]) => f) })),
  ),
  grid: some(gridOf("c", "g")),
  seeds: some(fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 2 })),
  where: some(where),
  whenB: some(fc.constantFrom(...Object.keys(WHEN_B))),
  whenC: some(fc.constantFrom(...Object.keys(WHEN_C))),
  named: fc.boolean(),
}).map(({ whenB, whenC, named, concat, ...sweep }) => {
  const keys = [...(concat ?? []), sweep].flatMap(({ grid }) => Object.keys(grid ?? {}));
  const when = {
    ...(whenB && keys.includes("b") ? { b: whenB } : {}),
    ...(whenC && keys.includes("c") ? { c: whenC } : {}),
  };
  const parts = named && concat
    ? { groups: Object.fromEntries(concat.map((one, index) => [`g${index}`, one])) }
    : { concat };
  return defined({ ...sweep, ...parts, when: Object.keys(when).length > 0 ? when : undefined });
});

function defined(sweep: Sweep): Sweep {
  return Object.fromEntries(Object.entries(sweep).filter(([, value]) => value !== undefined));
}

const known: Params = { a: 5, b: 5, c: 5, d: "z", e: 5 };
const base = fc.subarray(Object.keys(known))
  .map((keys): Params => Object.fromEntries(keys.map((key) => [key, known[key]!])));

Deno.test("expandSweep() gives the points that brute force gives, in the same order", () => {
  let compared = 0;
  fc.assert(
    fc.property(definition, base, (sweep, given) => {
      const full = {
        ...given,
        ...Object.fromEntries(missing(sweep, given).map((key) => [key, 5])),
      };
      const expected = reference(sweep, full);
      assert.deepEqual([...expandSweep(sweep, full)], expected);
      compared += expected.length;
    }),
    { numRuns: 1500 },
  );
  assert.ok(compared > 1500, "hardly a point was compared: the test proves nothing");
});

/** Parameters that conditions name and nothing sets: without them the sweep would be refused. */
function missing(sweep: Sweep, given: Params): string[] {
  const text = JSON.stringify(sweep);
  const set = combinations(sweep).flatMap((row) => row.set.map(([key]) => key));
  return ["a", "b", "c", "d", "e"].filter((key) =>
    new RegExp(`\\b${key}\\b`).test(text) && !set.includes(key) && !Object.hasOwn(given, key)
  );
}
