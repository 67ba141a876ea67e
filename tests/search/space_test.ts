import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { dimensionsOf, drawnAt, paramsAt, seedOf } from "../../lib/search/space.ts";

const space = {
  lr: "loguniform(1e-4,1e-1)",
  "optim.name": "choice(adam,sgd)",
  layers: "int(2,5)",
  width: [16, 64, 32],
};
const params = { epochs: 3, optim: { name: "sgd", momentum: 0.9 } };

Deno.test("dimensionsOf() says what has levels, and which levels have an order", () => {
  deepEqual(dimensionsOf(space), [
    { key: "lr", ordered: true },
    { key: "optim.name", levels: 2, ordered: false },
    { key: "layers", levels: 4, ordered: true },
    { key: "width", levels: 3, ordered: false },
  ]);
});

Deno.test("paramsAt() sets what the coordinates say, and leaves the others", () => {
  const at = { lr: 0, "optim.name": 0, layers: 3, width: 1 };
  deepEqual(paramsAt(space, at, params), {
    epochs: 3,
    optim: { name: "adam", momentum: 0.9 },
    lr: 1e-4,
    layers: 5,
    width: 64,
  });
});

Deno.test("paramsAt() stays inside, at every coordinate", () => {
  fc.assert(fc.property(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.nat(3),
    (lr, layers) => {
      const set = paramsAt(space, { lr, layers, width: 2, "optim.name": 1 }, {});
      ok(Number(set.lr) >= 1e-4 && Number(set.lr) <= 1e-1, `${set.lr}`);
      equal(set.layers, 2 + layers);
    },
  ));
});

Deno.test("drawnAt() depends on seed and number alone", () => {
  for (const sampler of ["random", "sobol"] as const) {
    const points = (seed: number) =>
      Array.from({ length: 8 }, (_, trial) => drawnAt({ space, sampler, seed }, trial, params));
    deepEqual(points(1), points(1));
    notDeepEqual(points(1), points(2));
    equal(new Set(points(1).map(({ lr }) => lr)).size, 8);
    equal(points(1)[0]!.epochs, 3);
  }
});

Deno.test("seedOf() is a whole number of 31 bits, another for each trial", () => {
  const seeds = Array.from({ length: 100 }, (_, trial) => seedOf(7, trial));
  equal(new Set(seeds).size, 100);
  ok(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31));
});
