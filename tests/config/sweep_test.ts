import assert from "node:assert/strict";
import fc from "fast-check";
import type { Sweep } from "../../lib/core/experiment.ts";
import type { Params, ParamValue } from "../../lib/core/params.ts";
import { countSweep, expandSweep } from "../../lib/config/sweep.ts";
import { setParam } from "../../lib/config/sweep_params.ts";
import { messageOf } from "./helpers.ts";

const expand = (sweep: Sweep, params: Params = {}) => [...expandSweep(sweep, params)];

Deno.test("expandSweep() varies list, grid and seeds from the outside in", async (t) => {
  const cases: [string, Sweep, Params, object[]][] = [
    ["nothing", {}, { lr: 1 }, [{ params: { lr: 1 } }]],
    ["grid, the last key fastest", { grid: { a: [1, 2], b: ["x", "y"] } }, { c: 0 }, [
      { params: { c: 0, a: 1, b: "x" } },
      { params: { c: 0, a: 1, b: "y" } },
      { params: { c: 0, a: 2, b: "x" } },
      { params: { c: 0, a: 2, b: "y" } },
    ]],
    [
      "list outermost, seeds innermost",
      { list: [{ f: 1 }, { f: 2 }], grid: { a: [1] }, seeds: [7, 8] },
      {},
      [
        { params: { f: 1, a: 1, seed: 7 }, seed: 7 },
        { params: { f: 1, a: 1, seed: 8 }, seed: 8 },
        { params: { f: 2, a: 1, seed: 7 }, seed: 7 },
        { params: { f: 2, a: 1, seed: 8 }, seed: 8 },
      ],
    ],
    ["another key for the seed", { seeds: [1], seed_key: "train.rng" }, { train: { x: 1 } }, [
      { params: { train: { x: 1, rng: 1 } }, seed: 1 },
    ]],
    ["into groups", { grid: { "optim.lr": [1, 2] } }, { optim: { lr: 0, wd: 3 } }, [
      { params: { optim: { lr: 1, wd: 3 } } },
      { params: { optim: { lr: 2, wd: 3 } } },
    ]],
    ["groups as values", { grid: { optim: [{ name: "sgd", lr: 1 }, { name: "adam", lr: 2 }] } }, {
      optim: { old: 1 },
    }, [
      { params: { optim: { name: "sgd", lr: 1 } } },
      { params: { optim: { name: "adam", lr: 2 } } },
    ]],
    [
      "a choice and its field, in any order",
      { grid: { "optim.lr": [1], optim: ["sgd", "adam"] } },
      {},
      [
        { params: { optim: "sgd", "optim.lr": 1 } },
        { params: { optim: "adam", "optim.lr": 1 } },
      ],
    ],
    ["a nested point of a list", { list: [{ optim: { lr: 1 } }] }, { optim: { lr: 0, wd: 2 } }, [
      { params: { optim: { lr: 1, wd: 2 } } },
    ]],
  ];
  for (const [name, sweep, params, expected] of cases) {
    await t.step(name, () => {
      assert.deepEqual(expand(sweep, params), expected);
      assert.equal(countSweep(sweep, params), expected.length);
    });
  }
  await t.step("no sweep at all", () => {
    assert.deepEqual([...expandSweep(undefined, { a: 1 })], [{ params: { a: 1 } }]);
    assert.equal(countSweep(undefined), 1);
  });
});

Deno.test("expandSweep() refuses two equal points, and values that would get lost", async (t) => {
  const once = "remove one of them; for replicates use seeds";
  const place = "sweep over a parameter in one place";
  const cases: [Sweep, Params, string][] = [
    [
      { grid: { a: [1, 2, 1.0] } },
      {},
      `Cannot sweep over a: values 1 and 3 are the same (1) | ${once}`,
    ],
    [
      { grid: { a: [{ x: 1, y: 2 }, { y: 2, x: 1 }] } },
      {},
      `Cannot sweep over a: values 1 and 2 are the same ({"y":2,"x":1}) | ${once}`,
    ],
    [
      { seeds: [3, 4, 3] },
      {},
      `Cannot sweep over seeds: values 1 and 3 are the same (3) | ${once}`,
    ],
    [
      { list: [{ a: 1 }, { a: 2 }, { a: 1 }] },
      {},
      `Cannot sweep over list: points 1 and 3 are the same | ${once}`,
    ],
    [
      { list: [{ a: 1 }, {}] },
      { a: 1 },
      `Cannot sweep over list: points 1 and 2 are the same | ${once}`,
    ],
    [
      { list: [{ "o.a": 1 }, { o: { a: 1 } }] },
      {},
      `Cannot sweep over list: points 1 and 2 are the same | ${once}`,
    ],
    [
      { list: [{ a: 1 }], grid: { a: [2] } },
      {},
      `Cannot sweep over a in grid: list sweeps over a already | ${place}`,
    ],
    [
      { grid: { seed: [1] }, seeds: [1] },
      {},
      `Cannot sweep over seed in seeds: grid sweeps over seed already | ${place}`,
    ],
    [
      { grid: { o: [{ a: 1 }], "o.a": [2] } },
      {},
      `Cannot sweep over o.a in grid: grid sweeps over o already | ${place}`,
    ],
    [
      { grid: { o: ["x"] } },
      { o: { a: 1, b: 2 } },
      "Cannot sweep over o: params.o is a group with a, b, which a plain value would replace | sweep over one of its parameters, or set params.o to a plain value as well",
    ],
  ];
  for (const [sweep, params, message] of cases) {
    await t.step(message, () => assert.equal(messageOf(() => expand(sweep, params)), message));
  }
  await t.step("points that differ in what they leave out are different", () => {
    assert.equal(expand({ list: [{ a: [] }, {}, { a: null }] }).length, 3);
  });
});

Deno.test("expandSweep() agrees with a brute-force product, without duplicates", () => {
  const value = fc.oneof(fc.nat(20), fc.string({ maxLength: 3 }), fc.boolean(), fc.constant(null));
  const values = fc.uniqueArray(value, {
    minLength: 1,
    maxLength: 4,
    selector: (item) => JSON.stringify(item),
  });
  const grid = fc.dictionary(fc.constantFrom("a", "b", "g.x", "g.y.z"), values, { maxKeys: 3 });
  const list = fc.uniqueArray(fc.nat(9), { maxLength: 3 }).map((folds) =>
    folds.map((fold): Params => ({ fold }))
  );
  const seeds = fc.uniqueArray(fc.nat(9), { maxLength: 3 });
  fc.assert(fc.property(grid, list, seeds, (grid, list, seeds) => {
    const given = { grid: grid as Record<string, ParamValue[]>, list, seeds };
    const expected: object[] = [];
    const base: Params = { g: { x: "base" }, other: 1 };
    for (const point of list.length > 0 ? list : [{}]) {
      let rows: Params[] = [{ ...base, ...point }];
      for (const [key, choices] of Object.entries(given.grid)) {
        rows = rows.flatMap((row) =>
          choices.map((choice) => assigned(row, key.split("."), choice))
        );
      }
      for (const params of rows) {
        if (seeds.length === 0) expected.push({ params });
        for (const seed of seeds) expected.push({ params: { ...params, seed }, seed });
      }
    }
    const found = [...expandSweep(given, base)];
    assert.deepEqual(found, expected);
    assert.equal(new Set(found.map((point) => JSON.stringify(point))).size, countSweep(given));
  }));
});

function assigned(params: Params, path: string[], value: ParamValue): Params {
  const copy = structuredClone(params);
  let at = copy;
  for (const part of path.slice(0, -1)) at = (at[part] ??= {}) as Params;
  at[path.at(-1)!] = value;
  return copy;
}

Deno.test("expandSweep() streams a million points", () => {
  const range = (length: number) => Array.from({ length }, (_, index) => index);
  const sweep = { grid: { a: range(1000), b: range(1000) } };
  let last: unknown;
  let count = 0;
  for (const point of expandSweep(sweep, { c: 1 })) {
    last = point;
    count++;
  }
  assert.equal(count, 1_000_000);
  assert.deepEqual(last, { params: { c: 1, a: 999, b: 999 } });
  const huge = { grid: { a: range(1e5), b: range(1e5), c: range(1e5) } };
  assert.equal(countSweep(huge), 1e15);
  assert.deepEqual(expandSweep(huge, {}).next().value, { params: { a: 0, b: 0, c: 0 } });
});

Deno.test("setParam() sets a path, or a key beside a plain value", () => {
  const params = { a: { b: 1 }, "x.y": 1, plain: 1 };
  assert.deepEqual(setParam(params, "a.b", 2), { ...params, a: { b: 2 } });
  assert.deepEqual(setParam(params, "a.c.d", 2), { ...params, a: { b: 1, c: { d: 2 } } });
  assert.deepEqual(setParam(params, "x.y", 2), { ...params, "x.y": 2 });
  assert.deepEqual(setParam(params, "plain.z", 2), { ...params, "plain.z": 2 });
  assert.deepEqual(params, { a: { b: 1 }, "x.y": 1, plain: 1 });
});
