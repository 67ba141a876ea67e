import assert from "node:assert/strict";
import { experimentOf, messageOf } from "./helpers.ts";

const SPACE = "space: {lr: 'uniform(0,1)', optim: {name: [sgd, adam]}}";

Deno.test("search: is read in full", () => {
  const asha = "asha: {param: epochs, min: 1, max: 9}";
  const { search } = experimentOf(
    `command: x\nsearch: {metric: acc, trials: 5, ${SPACE}, ${asha}}\n`,
  );
  assert.deepEqual(search, {
    metric: "acc",
    trials: 5,
    space: { lr: "uniform(0,1)", "optim.name": ["sgd", "adam"] },
    use: "last",
    sampler: "random",
    at_once: 1,
    asha: { param: "epochs", min: 1, max: 9, reduction: 3 },
  });
});

Deno.test("a search that contradicts itself gives one line and a hint", async (t) => {
  const block = (more: string, space = SPACE) =>
    `command: x\nsearch:\n  metric: acc\n  trials: 5\n  ${space}\n  ${more}\n`;
  const asha = (given: string) => `asha: {param: epochs, ${given}}`;
  const cases: [string, RegExp][] = [
    [
      `${block("seed: 1")}sweep: {grid: {lr: [1, 2]}}\n`,
      /:7:1: Cannot have a sweep beside a search/,
    ],
    [block("sampler: grid"), /search\.sampler/],
    [block("at_once: 0"), /search\.at_once/],
    [block("seed: 1", "space: {lr: 'gamma(1,2)'}"), /:5:\d+: Cannot draw from "gamma\(1,2\)"/],
    [block("seed: 1", "space: {}"), /the space has no parameter/],
    [block("seed: 1", "space: {1lr: [1, 2]}"), /the name of a parameter/],
    [block(asha("min: 9, max: 1")), /Cannot begin with 9 of 1: min is above max/],
    [block(asha("min: 1, max: 9, reduction: 1")), /reduction/],
    [block("asha: {param: lr, min: 1, max: 2}"), /Cannot search over lr: asha gives it its value/],
    [block(`sampler: cmaes\n  ${asha("min: 1, max: 9")}`), /Cannot use asha with cmaes/],
    [
      `${block("seed: 1")}retry: {host_oom: {params: {lr: /2}}}\n`,
      /:7:29: Cannot retry with another lr: the search gives it its value/,
    ],
    [
      `${block(asha("min: 1, max: 9"))}retry: {timeout: {params: {epochs: /2}}}\n`,
      /Cannot retry with another epochs/,
    ],
  ];
  for (const [text, expected] of cases) {
    await t.step(
      String(expected),
      () => assert.match(messageOf(() => experimentOf(text)), expected),
    );
  }
});
