import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, interquartileMean, meanOf } from "../../lib/results/statistics/describe.ts";
import { studentCdf, studentQuantile } from "../../lib/results/statistics/distributions.ts";
import { holm } from "../../lib/results/statistics/holm.ts";
import {
  bootstrapInterval,
  intervalOf,
  tInterval,
} from "../../lib/results/statistics/intervals.ts";
import { PAIRED_TESTS, pairedTest } from "../../lib/results/statistics/paired_test.ts";
import { signFlip } from "../../lib/results/statistics/sign_flip.ts";
import { signedRank } from "../../lib/results/statistics/wilcoxon.ts";
import references from "./references/statistics.json" with { type: "json" };

const TOLERANCE = 1e-6;

function near(actual: number | undefined, expected: number, what: string): void {
  assert.ok(actual !== undefined, `${what} is missing`);
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(error <= TOLERANCE, `${what}: ${actual}, expected ${expected}`);
}

Deno.test(`statistics agree with ${references.source}`, async (t) => {
  for (const { name, a, b, describe: expected, ...tests } of references.pairs) {
    const differences = b.map((value, at) => value - a[at]!);
    await t.step(`describe() and intervals: ${name}`, () => {
      const found = describe(b)!;
      near(found.mean, expected.mean, "mean");
      near(found.std, expected.std, "std");
      near(found.median, expected.median, "median");
      near(found.iqm, expected.iqm, "IQM");
      const interval = tInterval(b)!;
      near(interval.low, expected.t[0]!, "low");
      near(interval.high, expected.t[1]!, "high");
      const { replicates, ...intervals } = expected.bootstrap as Record<string, number[]>;
      for (const [method, [low, high]] of Object.entries(intervals)) {
        const found = intervalOf(b, replicates!, {
          statistic: meanOf,
          level: 0.95,
          method: method as "bca" | "percentile",
        });
        near(found.low, low!, `${method} low`);
        near(found.high, high!, `${method} high`);
      }
    });
    for (const test of PAIRED_TESTS) {
      const known = tests[test];
      if (known === null) continue;
      await t.step(`${test}: ${name}`, () => {
        const found = pairedTest(test, differences);
        near(found.statistic, known.statistic, "statistic");
        near(found.p, known.p, "p");
        near(found.cohensD, tests.cohensD, "d");
        near(found.rankBiserial, tests.rankBiserial, "rank-biserial");
      });
    }
  }
  await t.step("holm()", () => {
    for (const { p, adjusted } of references.holm) {
      holm(p).forEach((value, at) => near(value, adjusted[at]!, `holm(${p})`));
    }
  });
  await t.step("Student's t", () => {
    for (const { p, df, quantile, cdf } of references.student) {
      near(studentQuantile(p, df), quantile, `quantile ${p} ${df}`);
      near(studentCdf(-2.5, df), cdf, `cdf ${df}`);
    }
  });
});

Deno.test("pairedTest() says nothing where nothing can be said", async (t) => {
  for (const test of PAIRED_TESTS) {
    await t.step(test, () => {
      assert.deepEqual(pairedTest(test, []), { test, n: 0, method: "none" });
      assert.deepEqual(pairedTest(test, [2]), { test, n: 1, difference: 2, method: "none" });
      const same = pairedTest(test, [0, 0, 0]);
      assert.deepEqual([same.p, same.cohensD, same.rankBiserial], [1, undefined, undefined]);
    });
  }
  await t.step("t of one and the same difference", () => {
    const { p, statistic, rankBiserial } = pairedTest("t", [1, 1, 1]);
    assert.deepEqual([p, statistic, rankBiserial], [undefined, undefined, 1]);
  });
});

Deno.test("the smallest p of n pairs is 2 / 2^n, exactly", () => {
  for (const n of [2, 3, 5, 8, 14]) {
    const rising = Array.from({ length: n }, (_, at) => at + 1);
    assert.equal(signedRank(rising).p, 2 / 2 ** n);
    assert.equal(signFlip(rising).p, 2 / 2 ** n);
  }
});

Deno.test("signedRank() is exact with ties: every order of signs, counted one by one", () => {
  const values = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 9 });
  fc.assert(fc.property(values, (differences) => {
    const { p, above, below } = signedRank(differences);
    const changed = differences.filter((one) => one !== 0);
    const edge = Math.abs(above - below);
    let far = 0;
    for (let flip = 0; flip < 2 ** changed.length; flip++) {
      const flipped = changed.map((one, at) => (flip >> at) & 1 ? Math.abs(one) : -Math.abs(one));
      const ranks = signedRank(flipped);
      if (Math.abs(ranks.above - ranks.below) >= edge) far++;
    }
    assert.ok(Math.abs(p - Math.min(1, far / 2 ** changed.length)) < 1e-12);
  }));
});

Deno.test("signFlip() by random flips is near the exact p, and the same for the same seed", () => {
  const differences = Array.from({ length: 16 }, (_, at) => at % 3 === 0 ? -1.5 : 0.5 + at / 20);
  const first = signFlip(differences, 7);
  assert.equal(first.method, "random");
  assert.deepEqual(signFlip(differences, 7), first);
  assert.ok(Math.abs(first.p - exactP(differences)) < 0.02, `${first.p}`);
});

function exactP(differences: readonly number[]): number {
  let sums = [0];
  for (const one of differences) sums = sums.flatMap((sum) => [sum + one, sum - one]);
  const edge = Math.abs(differences.reduce((a, b) => a + b)) - 1e-9;
  return sums.filter((sum) => Math.abs(sum) >= edge).length / sums.length;
}

Deno.test("bootstrapInterval() holds the mean, and is the same for the same seed", () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
    minLength: 2,
    maxLength: 20,
  });
  fc.assert(
    fc.property(
      values,
      fc.constantFrom("bca" as const, "percentile" as const),
      (sample, method) => {
        const options = { method, resamples: 200, seed: 5 };
        const interval = bootstrapInterval(sample, options)!;
        assert.deepEqual(bootstrapInterval(sample, options), interval);
        const { min, max } = describe(sample)!;
        const slack = 1e-9 * Math.max(1, Math.abs(min), Math.abs(max));
        assert.ok(interval.low <= interval.high, JSON.stringify(interval));
        assert.ok(interval.low >= min - slack && interval.high <= max + slack);
      },
    ),
    { numRuns: 50 },
  );
  assert.equal(bootstrapInterval([1]), undefined);
  assert.equal(tInterval([1]), undefined);
});

Deno.test("interquartileMean() does not move with outliers", () => {
  assert.equal(interquartileMean([1, 2, 3, 1000]), 2.5);
  assert.equal(interquartileMean([1, 2, 6]), 3);
});
