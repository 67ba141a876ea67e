import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../lib/core/errors.ts";
import type { ParamValue } from "../../lib/core/params.ts";
import { parameterImportance } from "../../lib/results/parameter_importance.ts";
import { seededDraw } from "../../lib/results/statistics/random.ts";
import { growTree, predict } from "../../lib/results/statistics/tree.ts";
import { record } from "./support.ts";

/** A sweep over three parameters and three seeds, with the accuracy that `of` gives. */
function sweep(of: (lr: number, model: string, width: number) => number) {
  const draw = seededDraw(1);
  const noise = () => draw(1000) / 1e5;
  return [0.001, 0.01, 0.1, 1].flatMap((lr) =>
    ["a", "b", "c"].flatMap((model) =>
      [16, 32, 64].flatMap((width) =>
        [0, 1, 2].map((seed) => {
          const params: Record<string, ParamValue> = { lr, model, width, epochs: 5, seed };
          return record(params, { acc: of(lr, model, width) + noise() });
        })
      )
    )
  );
}

Deno.test("parameterImportance() ranks parameters by what the metric depends on", () => {
  const runs = sweep((lr, model) => Math.log10(lr) + (model === "b" ? 0.5 : 0));
  const { params, r2, n, warnings } = parameterImportance(runs, "acc");
  assert.deepEqual(params.map(({ name }) => name).slice(0, 2), ["lr", "model"]);
  assert.deepEqual([n, params.length], [108, 3]);
  assert.ok(r2! > 0.9, `${r2}`);
  assert.ok(params[0]!.importance > 3 * params[1]!.importance);
  assert.ok(Math.abs(params[2]!.importance) < 0.02, JSON.stringify(params));
  assert.deepEqual(warnings, []);
  assert.deepEqual(parameterImportance(runs, "acc"), { ...parameterImportance(runs, "acc") });
});

Deno.test("parameterImportance() says when there is nothing to be found", async (t) => {
  await t.step("noise alone", () => {
    const { params, r2, warnings } = parameterImportance(sweep(() => 0), "acc");
    assert.ok(r2! < 0.3, `${r2}`);
    assert.ok(params.every(({ importance }) => Math.abs(importance) < 0.3), JSON.stringify(params));
    assert.match(warnings.join(), /importances say little/);
  });
  await t.step("too few", () => {
    const runs = [1, 2, 3].map((lr) => record({ lr }, { acc: lr }));
    const { params, r2, warnings } = parameterImportance(runs, "acc");
    assert.deepEqual([params, r2], [[], undefined]);
    assert.match(warnings.join(), /too few runs, or nothing varies/);
  });
  await t.step("no such metric", () =>
    assert.throws(
      () => parameterImportance(sweep(() => 0), "accc"),
      (error) => error instanceof UsageError && error.hint === 'did you mean "acc"?',
    ));
});

Deno.test("a tree predicts within the range of what it was grown on", () => {
  const row = fc.tuple(
    fc.integer({ min: -5, max: 5 }),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  );
  fc.assert(fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
    const target = Float64Array.from(rows, ([, value]) => value);
    const columns = [Float64Array.from(rows, ([value]) => value)];
    const tree = growTree({ columns, target }, rows.map((_, at) => at));
    for (const x of [-10, 0, 3, 10]) {
      const value = predict(tree, () => x);
      assert.ok(value >= Math.min(...target) - 1e-6 && value <= Math.max(...target) + 1e-6);
    }
  }));
});
