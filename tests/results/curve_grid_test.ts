import assert from "node:assert/strict";
import fc from "fast-check";
import { aggregateCurves } from "../../lib/results/statistics/curve_grid.ts";

const line = (steps: number[], of: (step: number) => number) =>
  steps.map((step) => ({ step, value: of(step) }));

Deno.test("aggregateCurves() puts curves on a common grid", async (t) => {
  await t.step("every step there is, straight lines between", () => {
    const curves = [line([0, 10], (step) => step), line([0, 5, 10], (step) => step + 2)];
    const found = aggregateCurves(curves).map(({ step, n, mean }) => [step, n, mean]);
    assert.deepEqual(found, [[0, 2, 1], [5, 2, 6], [10, 2, 11]]);
  });
  await t.step("nothing before the first step and behind the last", () => {
    const curves = [line([0, 1, 2], () => 1), line([1, 2, 3], () => 3), []];
    const found = aggregateCurves(curves).map(({ step, n, mean, std }) => [step, n, mean, std]);
    assert.deepEqual(found, [
      [0, 1, 1, undefined],
      [1, 2, 2, Math.SQRT2],
      [2, 2, 2, Math.SQRT2],
      [3, 1, 3, undefined],
    ]);
  });
  await t.step("given steps", () => {
    const found = aggregateCurves([line([0, 4], (step) => 2 * step)], { steps: [-1, 1, 3, 5] });
    assert.deepEqual(found.map(({ step, mean }) => [step, mean]), [[1, 2], [3, 6]]);
  });
  await t.step("no curves", () => assert.deepEqual(aggregateCurves([]), []));
});

Deno.test("aggregateCurves() of one and the same line is that line, however it is cut", () => {
  const steps = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(fc.array(steps, { minLength: 1, maxLength: 5 }), (cuts) => {
      const curves = cuts.map((cut) => line(cut.sort((a, b) => a - b), (step) => 3 * step - 7));
      const grid = aggregateCurves(curves);
      assert.ok(grid.length > 0 && grid.length <= 200 + cuts.length * 300);
      for (const { step, mean, n } of grid) {
        assert.ok(Math.abs(mean - (3 * step - 7)) < 1e-6 && n >= 1 && n <= cuts.length);
      }
    }),
    { numRuns: 50 },
  );
});
