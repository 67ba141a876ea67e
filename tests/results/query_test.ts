import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError, ExpflowError, UsageError } from "../../lib/core/errors.ts";
import { findRuns, type Query } from "../../lib/results/query.ts";
import type { ResultRecord } from "../../lib/results/records.ts";
import { record } from "./support.ts";

const RUNS: ResultRecord[] = [
  record({ lr: 0.1, model: "r18", seed: 0 }, { acc: 0.7 }, { run: 0, elapsed: 10 }),
  record({ lr: 0.1, model: "r50", seed: 1 }, { acc: 0.9 }, { run: 1, elapsed: 30 }),
  record({ lr: 1, model: "r50", seed: 0 }, { acc: "NaN" }, { run: 2, elapsed: 20 }),
  record({ lr: 0.01, model: "r50", "optim.name": "sgd", seed: 0 }, {}, { run: 3, state: "failed" }),
];

const runsOf = (query: Query) => findRuns(RUNS, query).records.map(({ run }) => run);

Deno.test("findRuns() filters by conditions", async (t) => {
  const cases: [string, number[], number][] = [
    ["lr>0.01 and model='r50'", [1, 2], 0],
    ["acc > 0.8", [1], 1],
    ["metrics.acc >= 0.7 and params.lr < 1", [0, 1], 1],
    ["acc == null", [3], 0],
    ["not (acc > 0.8)", [0, 2], 1],
    ["state = 'failed'", [3], 0],
    ["elapsed >= 20 and run != 1", [2], 1],
    ["seed == 0 and experiment in ['exp001']", [0, 2, 3], 0],
    ["params.seed == 1", [1], 0],
    ["optim.name == 'sgd'", [3], 3],
    ["log10(lr) <= -1", [0, 1, 3], 0],
  ];
  for (const [condition, expected, undecided] of cases) {
    await t.step(condition, () => {
      const found = findRuns(RUNS, { where: [condition] });
      assert.deepEqual(found.records.map(({ run }) => run), expected);
      assert.deepEqual([found.matched, found.undecided], [expected.length, undecided]);
    });
  }
  await t.step(
    "all of several must hold",
    () => assert.deepEqual(runsOf({ where: ["lr < 1", "model == 'r50'"] }), [1, 3]),
  );
});

Deno.test("findRuns() orders, what is missing last, and cuts", async (t) => {
  const cases: [string[], number[]][] = [
    [["acc"], [0, 1, 2, 3]],
    [["-acc"], [1, 0, 2, 3]],
    [["model", "-lr"], [0, 2, 1, 3]],
    [["-elapsed"], [1, 2, 0, 3]],
    [["state", "run"], [0, 1, 2, 3]],
  ];
  for (const [sort, expected] of cases) {
    await t.step(sort.join(), () => assert.deepEqual(runsOf({ sort }), expected));
  }
  await t.step("limit", () => {
    const { records, matched } = findRuns(RUNS, { sort: ["-acc"], limit: 2 });
    assert.deepEqual([records.map(({ run }) => run), matched], [[1, 0], 4]);
    assert.equal(findRuns(RUNS, { limit: 0 }).records.length, 0);
  });
});

Deno.test("findRuns() says what cannot be compared", async (t) => {
  const mixed = [record({ depth: 3 }, {}), record({ depth: "deep" }, {}, { run: 1 })];
  const cases: [Query, RegExp][] = [
    [
      { where: ["model > 3"] },
      /> needs two numbers or two texts, found "r18" and 3, in exp001\/0$/,
    ],
    [{ where: ["lr == '0.1'"] }, /== needs two values of one kind, found 0.1 and "0.1"/],
    [{ where: ["acc and lr > 0"] }, /and, or, not need conditions, found 0.7/],
    [{ where: ["lrr > 1"] }, /Cannot find "lrr": no run has it$/],
    [{ sort: ["-accc"] }, /Cannot find "accc": no run has it$/],
  ];
  for (const [query, message] of cases) {
    await t.step(
      JSON.stringify(query),
      () =>
        assert.throws(
          () => findRuns(RUNS, query),
          (error) =>
            error instanceof UsageError && message.test(error.message) && error.hint !== undefined,
        ),
    );
  }
  await t.step(
    "what cannot be read",
    () => assert.throws(() => findRuns(RUNS, { where: ["lr >"] }), ConfigError),
  );
  await t.step(
    "a mixed column has no order",
    () =>
      assert.throws(
        () => findRuns(mixed, { sort: ["depth"] }),
        /found "?\w+"? and "?\w+"?, expected/,
      ),
  );
  await t.step(
    "but its values can be asked for",
    () => assert.equal(findRuns(mixed, { where: ["depth in ['deep']"] }).matched, 1),
  );
});

Deno.test("findRuns() finds each run once or says why, whatever is asked", () => {
  const words = [
    "lr",
    "model",
    "acc",
    "(",
    ")",
    "and",
    "not",
    ">",
    "=",
    "'r50'",
    "0.1",
    "in",
    "[1]",
  ];
  const condition = fc.array(fc.constantFrom(...words), { maxLength: 8 }).map((all) =>
    all.join(" ")
  );
  fc.assert(fc.property(condition, (text) => {
    try {
      const { matched, undecided } = findRuns(RUNS, { where: [text] });
      assert.ok(matched + undecided <= RUNS.length);
    } catch (error) {
      assert.ok(error instanceof ExpflowError, String(error));
    }
  }));
});
