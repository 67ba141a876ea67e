import assert from "node:assert/strict";
import fc from "fast-check";
import { aggregate } from "../../lib/results/aggregate.ts";
import { record } from "./support.ts";

const RUNS = [
  record({ lr: 0.1, model: "a", seed: 0 }, { acc: 2, val_loss: 0.5 }),
  record({ lr: 0.1, model: "a", seed: 1 }, { acc: 4, val_loss: 0.7 }),
  record({ lr: 0.1, model: "a", seed: 2 }, { acc: 9, val_loss: "NaN" }),
  record({ lr: 0.2, model: "a", seed: 0 }, { acc: 5 }),
  record({ lr: 0.2, model: "a", seed: 1 }, { acc: 100, val_loss: 0.9 }, { state: "failed" }),
  record({ lr: 0.2, model: "a", seed: 2 }, {}, { state: "running" }),
  record({ lr: 0.3, model: "a", seed: 0 }, {}, { state: "timeout" }),
];

Deno.test("aggregate() agrees with numbers worked out by hand", () => {
  const { groups, metrics, varying, constant } = aggregate(RUNS);
  assert.deepEqual(metrics, [
    { name: "acc", direction: "max" },
    { name: "val_loss", direction: "min" },
  ]);
  assert.deepEqual([varying, constant], [["lr"], { model: "a" }]);
  const [first, second, third] = groups;
  // (2 + 4 + 9) / 3 = 5; squares of deviations 9 + 1 + 16 = 26; 26 / (3 − 1) = 13
  assert.deepEqual(first?.metrics.acc, {
    n: 3,
    mean: 5,
    std: Math.sqrt(13),
    min: 2,
    max: 9,
    missing: 0,
    nonFinite: 0,
  });
  const loss = first?.metrics.val_loss;
  assert.deepEqual([loss?.n, loss?.mean, loss?.nonFinite, loss?.missing], [2, 0.6, 1, 0]);
  assert.ok(Math.abs(loss!.std! - Math.sqrt(0.02)) < 1e-12);
  assert.deepEqual([second?.completed, second?.notCounted], [1, { failed: 1, running: 1 }]);
  assert.deepEqual(second?.metrics.acc, {
    n: 1,
    mean: 5,
    min: 5,
    max: 5,
    missing: 0,
    nonFinite: 0,
  });
  assert.deepEqual(second?.metrics.val_loss, { n: 0, missing: 1, nonFinite: 0 });
  assert.deepEqual([third?.completed, third?.notCounted], [0, { timeout: 1 }]);
});

Deno.test("aggregate() groups by everything but the seed", async (t) => {
  await t.step("experiments stay apart", () => {
    const same = { lr: 1, seed: 0 };
    const runs = [record(same, {}), record(same, {}, { experiment: "exp002" })];
    assert.equal(aggregate(runs).groups.length, 2);
  });
  await t.step("the order of parameters does not matter", () => {
    const runs = [record({ a: 1, b: [2] }, {}), record({ b: [2], a: 1 }, {})];
    assert.equal(aggregate(runs).groups.length, 1);
  });
  await t.step("a seed of another name", () => {
    const runs = [record({ "data.seed": 1, lr: 1 }, {}), record({ "data.seed": 2, lr: 1 }, {})];
    assert.equal(aggregate(runs).groups.length, 2);
    assert.equal(aggregate(runs, { seedKey: "data.seed" }).groups.length, 1);
  });
  await t.step("values of another type are other values", () => {
    assert.equal(aggregate([record({ a: 1 }, {}), record({ a: "1" }, {})]).groups.length, 2);
  });
  await t.step("a parameter that some runs lack varies", () => {
    assert.deepEqual(aggregate([record({ a: 1 }, {}), record({}, {})]).varying, ["a"]);
  });
  await t.step("no runs", () => assert.deepEqual(aggregate([]).groups, []));
});

Deno.test("aggregate() takes the best value of a series when told", () => {
  const run = record({}, {}, {
    metrics: {
      acc: { last: 0.7, best: 0.9, bestStep: 3, direction: "max", source: "metrics.jsonl" },
      once: { last: 0.2, direction: "max", source: "result.json" },
    },
  });
  const [group] = aggregate([run], { use: "best" }).groups;
  assert.deepEqual([group?.metrics.acc?.mean, group?.metrics.once?.mean], [0.9, 0.2]);
  assert.equal(aggregate([run]).groups[0]?.metrics.acc?.mean, 0.7);
});

Deno.test("aggregate() accounts for every run, and its means lie between min and max", () => {
  const value = fc.oneof(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.constantFrom("NaN", "Infinity", "text", null, undefined),
  );
  const run = fc.record({
    lr: fc.constantFrom(1, 2, 3),
    seed: fc.nat(9),
    state: fc.constantFrom("completed" as const, "failed" as const, "unknown" as const),
    value,
  });
  fc.assert(fc.property(fc.array(run, { maxLength: 40 }), (runs) => {
    const records = runs.map(({ lr, seed, state, value }) =>
      record({ lr, seed }, value === undefined ? {} : { m: value }, { state })
    );
    let total = 0;
    for (const group of aggregate(records).groups) {
      const others = Object.values(group.notCounted).reduce((a, b) => a + b, 0);
      total += group.completed + others;
      const summary = group.metrics.m;
      if (!summary) continue;
      assert.equal(summary.n + summary.missing + summary.nonFinite, group.completed);
      assert.equal(summary.mean === undefined, summary.n === 0);
      assert.equal(summary.std === undefined, summary.n < 2);
      if (summary.mean === undefined) continue;
      assert.ok(summary.mean >= summary.min! - 1e-6 && summary.mean <= summary.max! + 1e-6);
      assert.ok((summary.std ?? 0) <= (summary.max! - summary.min!) + 1e-6);
    }
    assert.equal(total, records.length);
  }));
});
