import { deepEqual, throws } from "node:assert/strict";
import { factorGrid, factorTable, widthOf } from "../../lib/cli/tell_factors.ts";
import { type FactorRun, groupByFactors } from "../../lib/submission/by_factor.ts";

const runs: FactorRun[] = [
  { params: { model: "r50", optim: { lr: 0.1 } }, state: "completed" },
  { params: { model: "r18", optim: { lr: 0.01 } }, state: "running" },
  { params: { model: "r18", optim: { lr: 0.1 } }, state: "failed" },
  { params: { model: "r50", optim: { lr: 0.1 } }, state: "completed" },
  { params: { model: "r50", optim: { lr: 0.01 } }, state: "completed" },
  { params: { model: "r50", optim: { lr: 0.01 } }, state: "pending" },
  { params: { model: "vit" }, state: "unknown" },
];
const plain = { columns: 80, color: false };

Deno.test("groupByFactors() counts states by values, numbers in rising order", async (t) => {
  await t.step("one factor", () =>
    deepEqual(groupByFactors(runs, ["model"]), [
      { values: ["r50"], counts: { completed: 3, pending: 1 } },
      { values: ["r18"], counts: { running: 1, failed: 1 } },
      { values: ["vit"], counts: { unknown: 1 } },
    ]));
  await t.step(
    "a number, which one run lacks",
    () =>
      deepEqual(groupByFactors(runs.slice(0, 6), ["optim.lr"]), [
        { values: [0.01], counts: { running: 1, completed: 1, pending: 1 } },
        { values: [0.1], counts: { completed: 2, failed: 1 } },
      ]),
  );
  await t.step("null is a value, and a run without one is of another group", () => {
    const mixed: FactorRun[] = [
      { params: { clip: null }, state: "completed" },
      { params: { other: 1 }, state: "failed" },
    ];
    const groups = groupByFactors(mixed, ["clip"]);
    deepEqual(groups, [
      { values: [null], counts: { completed: 1 } },
      { values: [undefined], counts: { failed: 1 } },
    ]);
    const [, ...rows] = factorGrid(["clip", "clip"], groupByFactors(mixed, ["clip", "clip"]), plain)
      .split("\n");
    deepEqual(rows.slice(0, 3), ["clip  null   –", "null  █ 1/1", "–            ·x0/1"]);
  });
  await t.step("one that no run has", () =>
    throws(
      () => groupByFactors(runs, ["optim.lt"]),
      { message: /no run has this parameter/, hint: 'did you mean "optim.lr"?' },
    ));
});

Deno.test("factorTable() has a column for each state that there is", () => {
  deepEqual(factorTable(["model"], groupByFactors(runs, ["model"]), plain).split("\n"), [
    "model  runs  pending  running  completed  failed  unknown",
    "r50       4        1                   3",
    "r18       2                 1                  1",
    "vit       1                                             1",
    "",
  ]);
});

Deno.test("factorGrid() shows each pair of values", async (t) => {
  const factors = ["model", "optim.lr"];
  const groups = groupByFactors(runs, factors);
  await t.step("without colour", () => {
    const grid = factorGrid(factors, groups, plain);
    deepEqual(grid.split("\n").slice(0, 5), [
      "       optim.lr",
      "model  0.1    0.01   –",
      "r50    █ 2/2  ▒ 1/2",
      "r18    ·x0/1  ·>0/1",
      "vit                  ·?0/1",
    ]);
    deepEqual(widthOf(grid), 26);
  });
  await t.step("with colour, as wide", () => {
    const grid = factorGrid(factors, groups, { ...plain, color: true });
    deepEqual(grid.includes("\x1b[32m█ 2/2\x1b[0m"), true);
    deepEqual(widthOf(grid), 26);
  });
});
