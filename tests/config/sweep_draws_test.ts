import assert from "node:assert/strict";
import fc from "fast-check";
import type { ParamValue } from "../../lib/core/params.ts";
import type { Draws } from "../../lib/core/sweep.ts";
import { expandSweep } from "../../lib/config/sweep.ts";
import { normalQuantile, parseDistribution } from "../../lib/config/sweep_distributions.ts";
import { type DrawKind, drawnParams } from "../../lib/config/sweep_draws.ts";
import { parseRange } from "../../lib/config/sweep_ranges.ts";
import { sobol, SOBOL_DIMENSIONS } from "../../lib/config/sweep_sobol.ts";

function drawn(kind: DrawKind, draws: Draws, count = draws.n): Record<string, ParamValue[]> {
  return Object.fromEntries(
    drawnParams(kind, draws).map(({ key, at }) => [
      key,
      Array.from({ length: count }, (_, index) => at(index)),
    ]),
  );
}

Deno.test("random draws are those that Python computes by their definition", () => {
  // int.from_bytes(sha256(b"SEED/KEY/INDEX").digest()[:6], "big") / 2**48, then math.exp,
  // statistics.NormalDist().inv_cdf, "%.9g" (CPython)
  const params = {
    lr: "loguniform(1e-4,1e-1)",
    k: "int(1,8)",
    o: "choice(sgd, adam)",
  };
  assert.deepEqual(drawn("random", { n: 3, params }), {
    lr: [0.0347153228, 0.00281495385, 0.000133438858],
    k: [2, 7, 2],
    o: ["adam", "sgd", "adam"],
  });
  assert.deepEqual(drawn("random", { n: 3, seed: 7, params: { x: "uniform(0,1)" } }), {
    x: [0.123830254, 0.128723135, 0.526752847],
  });
  const { n } = drawn("random", { n: 3, params: { n: "normal(2,0.5)" } });
  for (const [index, value] of [1.71790292, 2.21212061, 2.5851944].entries()) {
    assert.ok(Math.abs(n![index] as number - value) < 1e-6, `${n![index]} is not ${value}`);
  }
});

Deno.test("sobol() gives the points of SciPy 1.17.1, qmc.Sobol(40, scramble=False)", () => {
  const first = [
    [0, 0.5, 0.75, 0.25, 0.375, 0.875, 0.625, 0.125],
    [0, 0.5, 0.25, 0.75, 0.375, 0.875, 0.125, 0.625],
    [0, 0.5, 0.25, 0.75, 0.625, 0.125, 0.875, 0.375],
    [0, 0.5, 0.25, 0.75, 0.875, 0.375, 0.625, 0.125],
    [0, 0.5, 0.75, 0.25, 0.375, 0.875, 0.625, 0.125],
  ];
  for (const [dimension, expected] of first.entries()) {
    assert.deepEqual(expected.map((_, index) => sobol(dimension)(index)), expected);
  }
  const later: [number, number[]][] = [
    [5, [0.875, 0.875, 0.125, 0.125, 0.625, 0.375]],
    [100, [0.4140625, 0.2578125, 0.7734375, 0.6953125, 0.7578125, 0.1328125]],
    [777, [0.6923828125, 0.9365234375, 0.1630859375, 0.3232421875, 0.2373046875, 0.3583984375]],
    [1023, [0.0009765625, 0.7529296875, 0.6123046875, 0.8505859375, 0.8662109375, 0.6982421875]],
  ];
  for (const [index, expected] of later) {
    assert.deepEqual([0, 1, 2, 9, 20, 39].map((dimension) => sobol(dimension)(index)), expected);
  }
});

Deno.test("sobol() has one point in each of 2^k slices, with any seed", () => {
  for (let dimension = 0; dimension < SOBOL_DIMENSIONS; dimension++) {
    for (const shift of [0, 0x9e3779b9 | 0]) {
      const at = sobol(dimension, shift);
      const slices = new Set(
        Array.from({ length: 256 }, (_, index) => Math.floor(at(index) * 256)),
      );
      assert.equal(slices.size, 256, `dimension ${dimension}`);
    }
  }
  const params = Object.fromEntries(
    Array.from({ length: SOBOL_DIMENSIONS + 1 }, (_, index) => [`p${index}`, "uniform(0,1)"]),
  );
  assert.throws(() => drawnParams("sobol", { n: 1, params }), /it has 40 dimensions/);
});

Deno.test("lhs has one draw in each of n equal slices", () => {
  const { a, b } = drawn("lhs", {
    n: 50,
    seed: 3,
    params: { a: "uniform(0,50)", b: "uniform(0,50)" },
  });
  for (const values of [a!, b!]) {
    assert.equal(new Set(values.map((value) => Math.floor(value as number))).size, 50);
  }
  assert.notDeepEqual(a, b);
});

Deno.test("more points and other parameters leave draws as they are; another seed does not", () => {
  const lr = "loguniform(1e-4,1e-1)";
  for (const kind of ["random", "sobol"] as const) {
    const seed = 5;
    const few = drawn(kind, { n: 20, seed, params: { lr } }).lr!;
    const more = drawn(kind, { n: 40, seed, params: { lr, other: "int(1,9)" } }).lr!;
    assert.deepEqual(more.slice(0, 20), few);
    assert.notDeepEqual(drawn(kind, { n: 20, seed: 6, params: { lr } }).lr, few);
    const points = [...expandSweep({ [kind]: { n: 20, seed, params: { lr } } }, {})];
    assert.deepEqual(points.map(({ params }) => params.lr), few);
  }
});

Deno.test("parseDistribution() stays inside, whatever the share", () => {
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(share, fc.integer({ min: -99, max: 99 }), fc.nat(99), (u, low, more) => {
    const high = low + 1 + more;
    const whole = parseDistribution(`int(${low},${high})`).at(u) as number;
    assert.ok(Number.isInteger(whole) && whole >= low && whole <= high);
    const even = parseDistribution(`uniform(${low},${high})`).at(u) as number;
    assert.ok(even >= low && even <= high);
    const log = parseDistribution(`loguniform(1e-5,${more + 1})`).at(u) as number;
    assert.ok(log >= 1e-5 && log <= more + 1);
    assert.ok([1, "a", null].includes(parseDistribution([1, "a", null]).at(u) as null));
  }));
});

Deno.test("normalQuantile() agrees with scipy.stats.norm.ppf", () => {
  const cases: [number, number][] = [
    [0.001, -3.090232306167813],
    [0.02425, -1.972961051311885],
    [0.1, -1.2815515655446004],
    [0.3, -0.5244005127080409],
    [0.5, 0],
    [0.75, 0.6744897501960817],
    [0.999999, 4.753424308817087],
  ];
  for (const [share, expected] of cases) {
    assert.ok(Math.abs(normalQuantile(share) - expected) < 1e-6, `${share}`);
  }
  assert.ok(Number.isFinite(normalQuantile(0)) && Number.isFinite(normalQuantile(1)));
});

Deno.test("parseRange() has both ends and no dust", async (t) => {
  const cases: [string, number[]][] = [
    ["0:1:0.1", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
    ["1e-4:3e-4:1e-4", [0.0001, 0.0002, 0.0003]],
    ["8:-8:-8", [8, 0, -8]],
    ["16:64:16", [16, 32, 48, 64]],
    ["5:5:1", [5]],
    [".5:1.5:.5", [0.5, 1, 1.5]],
    ["log(1e-4,1e-1,4)", [0.0001, 0.001, 0.01, 0.1]],
    ["log(1e-4,1e-1,7)", [
      0.0001,
      0.000316227766017,
      0.001,
      0.00316227766017,
      0.01,
      0.0316227766017,
      0.1,
    ]],
    ["log( 8, 1, 4 )", [8, 4, 2, 1]],
    ["lin(0,1,5)", [0, 0.25, 0.5, 0.75, 1]],
    ["lin(0,0.3,4)", [0, 0.1, 0.2, 0.3]],
  ];
  for (const [text, expected] of cases) {
    await t.step(text, () => assert.deepEqual(parseRange(text), expected));
  }
  await t.step("any step, any start", () => {
    const step = fc.tuple(fc.integer({ min: 1, max: 999 }), fc.nat(6));
    fc.assert(
      fc.property(
        step,
        fc.integer({ min: -500, max: 500 }),
        fc.nat(200),
        ([s, digits], from, count) => {
          const scaled = (value: number) => Number(`${value}e-${digits}`);
          const end = from * s + count * s;
          const found = parseRange(`${scaled(from * s)}:${scaled(end)}:${scaled(s)}`);
          assert.deepEqual(
            found,
            Array.from({ length: count + 1 }, (_, i) => scaled((from + i) * s)),
          );
        },
      ),
    );
  });
  for (
    const text of [
      "0:1:0",
      "0:1:-1",
      "0:1:0.3",
      "log(1,2)",
      "lin(1,1,3)",
      "log(-1,2,3)",
      "0:1:1e-9",
      "lin(0,1,1)",
    ]
  ) {
    await t.step(
      `not ${text}`,
      () => assert.throws(() => parseRange(text), /Cannot read the range/),
    );
  }
});
