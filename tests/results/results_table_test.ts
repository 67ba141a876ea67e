import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../lib/core/errors.ts";
import { bestGroups, groupStatistics } from "../../lib/results/group_statistics.ts";
import { compareRecords, comparisonTable } from "../../lib/results/comparison.ts";
import { changesBetween } from "../../lib/results/config_diff.ts";
import { resultsTable } from "../../lib/results/results_table.ts";
import { renderTable } from "../../lib/results/table.ts";
import { record } from "./support.ts";

/** `models` on two data sets, with so many seeds: each a little better than the one before. */
function grid(models: string[], seeds: number) {
  return models.flatMap((model, at) =>
    ["c10", "c100"].flatMap((data, hard) =>
      Array.from({ length: seeds }, (_, seed) =>
        record({ model, data, seed }, {
          acc: 0.9 - 0.2 * hard + at / 50 + ((seed * 7) % 5) / 1000 + (at * seed) / 5000,
        }))
    )
  );
}

const LAYOUT = { rows: ["model"], cols: ["data"], metrics: ["acc"] };

Deno.test("resultsTable() lays out rows and columns, the best and the second marked", () => {
  const { table } = resultsTable(grid(["a", "b", "c"], 5), LAYOUT);
  assert.equal(
    renderTable(table),
    [
      "model            c10 ↑             c100 ↑",
      "───────────────────────────────────────────",
      "a      0.9020 ± 0.0016    0.7020 ± 0.0016",
      "b      0.9224 ± 0.0018    0.7224 ± 0.0018",
      "c      0.9428 ± 0.0020 ←  0.7428 ± 0.0020 ←",
      "",
      "acc by data: mean±std of n = 5 runs",
      "± is one sample standard deviation (n − 1)",
    ].join("\n"),
  );
  assert.deepEqual(table.rows.map((row) => [row[1]!.best, row[1]!.second]), [
    [undefined, undefined],
    [undefined, true],
    [true, undefined],
  ]);
});

Deno.test("resultsTable() aggregates as it is told", async (t) => {
  const runs = [1, 2, 4, 9].map((acc, seed) => record({ model: "a", seed }, { acc }));
  const cases: [string, number, number | undefined][] = [
    ["mean", 4, undefined],
    ["mean±std", 4, 3.5590260840104371],
    ["mean+-sem", 4, 1.7795130420052186],
    ["mean±ci", 4, 5.6632047052],
    ["median", 3, undefined],
    ["iqm", 3, undefined],
    ["min", 1, undefined],
    ["max", 9, undefined],
  ];
  for (const [agg, value, spread] of cases) {
    await t.step(agg, () => {
      const cell = resultsTable(runs, { rows: ["model"], metrics: ["acc"], agg }).cells[0]![0]!;
      assert.deepEqual([cell.n, cell.value], [4, value]);
      if (spread === undefined) assert.equal(cell.spread, undefined);
      else assert.ok(Math.abs(cell.spread! - spread) < 1e-6, `${cell.spread}`);
    });
  }
  await t.step("in no other way", () =>
    assert.throws(
      () => resultsTable(runs, { ...LAYOUT, cols: [], agg: "mean±stdd" }),
      (error) => error instanceof UsageError && error.hint === 'did you mean "mean±std"?',
    ));
});

Deno.test("resultsTable() tests rows on pairs, corrected over the whole table", async (t) => {
  const runs = grid(["a", "b"], 8);
  const options = { ...LAYOUT, test: "wilcoxon" as const, baseline: ["a"] };
  await t.step("p and its correction", () => {
    const { cells, table } = resultsTable(runs, options);
    assert.equal(cells[0]![0]!.test, undefined);
    const { p, pHolm, n, rankBiserial, unmatched } = cells[1]![0]!.test!;
    assert.deepEqual([p, pHolm, n, rankBiserial, unmatched], [2 / 256, 4 / 256, 8, 1, 0]);
    assert.equal(table.rows[1]![1]!.mark, "*");
    assert.match(
      table.notes.join("\n"),
      /against a: wilcoxon on pairs of the same seed, Holm over 2/,
    );
  });
  await t.step("pairs that do not match are said and left out", () => {
    const { cells, table } = resultsTable(runs.slice(0, -1), options);
    assert.deepEqual([cells[1]![1]!.test?.n, cells[1]![1]!.test?.unmatched], [7, 1]);
    assert.match(table.notes.join("\n"), /warning: 1 runs have no pair/);
  });
  await t.step("few pairs", () => {
    const notes = resultsTable(grid(["a", "b"], 2), options).table.notes.join("\n");
    assert.match(notes, /warning: n < 3 in 4 of 4 cells/);
    assert.match(notes, /warning: 2 of 2 tests have fewer than 3 pairs/);
    assert.match(
      notes,
      /warning: 2 pairs cannot give p < 0.05 by wilcoxon in 2 tests: the smallest is 1$/,
    );
  });
  await t.step("runs of one key count as their mean", () => {
    const { cells, table } = resultsTable(runs, { ...options, cols: [], pair: ["seed"] });
    assert.equal(cells[1]![0]!.test?.n, 8);
    assert.match(table.notes.join("\n"), /warning: one cell holds runs with different data/);
    assert.equal(resultsTable(runs, { ...options, cols: [] }).cells[1]![0]!.test?.n, 16);
  });
  await t.step("a baseline is needed, and must be a row", () => {
    assert.throws(() => resultsTable(runs, { ...options, baseline: undefined }), UsageError);
    assert.throws(
      () => resultsTable(runs, { ...options, baseline: ["z"] }),
      (error) => error instanceof UsageError && error.hint === "rows: a, b",
    );
  });
});

Deno.test("resultsTable() counts what it leaves out", () => {
  const runs = [
    ...grid(["a", "b"], 3),
    record({ model: "c", data: "c10", seed: 0 }, { acc: 0.99 }),
    record({ model: "c", data: "c10", seed: 1 }, { acc: "NaN" }),
    record({ model: "c", data: "c10", seed: 2 }, {}),
    record({ model: "d", data: "c10", seed: 0 }, { acc: 1 }, { state: "failed" }),
  ];
  const { table, cells, rows } = resultsTable(runs, LAYOUT);
  assert.deepEqual(rows, [{ model: "a" }, { model: "b" }, { model: "c" }]);
  assert.equal(cells[2]![1], null);
  assert.deepEqual([cells[2]![0]!.n, cells[2]![0]!.missing, cells[2]![0]!.nonFinite], [1, 1, 1]);
  assert.deepEqual(table.rows[2]!.map(({ text }) => text), ["c", "0.9900", "–"]);
  assert.ok(!table.rows[2]![1]!.best, "what diverged is not best");
  assert.deepEqual(table.notes.slice(2), [
    "runs not counted: 1 that did not complete, 1 not finite, 1 without the metric",
    "warning: n < 3 in 1 of 5 cells",
    "not ranked: 1 mean with a run that is not finite",
  ]);
  assert.equal(table.rows[2]![1]!.n, 1);
});

Deno.test("resultsTable() puts every value in one cell", () => {
  const run = fc.record({
    model: fc.constantFrom("a", "b", 1, true, null),
    data: fc.constantFrom("x", "y", undefined),
    seed: fc.nat(3),
    acc: fc.oneof(
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      fc.constant("NaN"),
      fc.constant("text"),
    ),
  });
  fc.assert(fc.property(fc.array(run, { minLength: 1, maxLength: 40 }), (given) => {
    const runs = given.map(({ data, acc, ...params }) =>
      record({ ...params, ...(data === undefined ? {} : { data }) }, { acc })
    );
    fc.pre(given.some(({ acc }) => typeof acc === "number"));
    fc.pre(given.some(({ data }) => data !== undefined));
    const { cells } = resultsTable(runs, LAYOUT);
    const all = cells.flat().filter((cell) => cell !== null);
    const total = all.reduce((sum, { n, missing, nonFinite }) => sum + n + missing + nonFinite, 0);
    assert.equal(total, runs.length);
  }));
});

Deno.test("a table over 100,000 runs takes less than a second", () => {
  const runs = Array.from(
    { length: 100_000 },
    (_, run) =>
      record({
        model: `m${run % 10}`,
        data: `d${Math.floor(run / 10) % 10}`,
        seed: Math.floor(run / 100),
      }, {
        acc: run / 1e5,
      }),
  );
  const times = [1, 2, 3].map(() => {
    const started = performance.now();
    const { cells } = resultsTable(runs, LAYOUT);
    assert.equal(cells.flat().reduce((sum, cell) => sum + cell!.n, 0), 100_000);
    return performance.now() - started;
  });
  assert.ok(Math.min(...times) < 1000, `${times.map(Math.round)} ms`);
});

Deno.test("groupStatistics() and bestGroups() describe over seeds", async (t) => {
  const runs = [
    ...[1, 2, 3].map((loss, seed) => record({ lr: 1, seed }, { loss })),
    ...[0, 1, 2].map((loss, seed) => record({ lr: 2, seed }, { loss })),
    record({ lr: 3, seed: 0 }, { loss: 0.5 }),
    record({ lr: 4, seed: 0 }, { loss: -1 }),
    record({ lr: 4, seed: 1 }, { loss: "Infinity" }),
  ];
  await t.step("numbers", () => {
    const [first, , third] = groupStatistics(runs);
    assert.deepEqual([first!.n, first!.mean, first!.std, first!.median], [3, 2, 1, 2]);
    assert.ok(Math.abs(first!.t!.low - (2 - 2.484137712)) < 1e-6);
    assert.ok(first!.bootstrap!.low >= 1 && first!.bootstrap!.high <= 3);
    assert.deepEqual([third!.n, third!.std, third!.t, third!.bootstrap], [
      1,
      undefined,
      undefined,
      undefined,
    ]);
  });
  await t.step(
    "the best first, what diverged last",
    () =>
      assert.deepEqual(bestGroups(runs, "loss", 10).map(({ params }) => params.lr), [3, 2, 1, 4]),
  );
  await t.step("top", () => assert.equal(bestGroups(runs, "loss", 1).length, 1));
});

Deno.test("compareRecords() tells what differs, and metrics by how much", () => {
  const runs = [
    record({ lr: 0.1, epochs: 5, seed: 0 }, { acc: 0.5, loss: 2 }, { run: 0 }),
    record({ lr: 0.2, epochs: 5, seed: 0 }, { acc: 0.75 }, { run: 7 }),
    record({ lr: 0.2, epochs: 5, momentum: 0.9, seed: 0 }, { acc: "NaN", loss: 1 }, {
      run: 9,
      state: "failed",
    }),
  ];
  const comparison = compareRecords(runs);
  assert.deepEqual(comparison.runs, ["exp001/0", "exp001/7", "exp001/9"]);
  assert.deepEqual(comparison.params, [
    { name: "lr", values: [0.1, 0.2, 0.2] },
    { name: "momentum", values: [undefined, undefined, 0.9] },
  ]);
  assert.deepEqual(comparison.metrics, [
    { name: "acc", direction: "max", values: [0.5, 0.75, "NaN"], deltas: [0, 0.25, null] },
    { name: "loss", direction: "min", values: [2, null, 1], deltas: [0, null, -1] },
  ]);
  assert.equal(
    renderTable(comparisonTable(comparison)),
    [
      "           exp001/0          exp001/7       exp001/9",
      "────────────────────────────────────────────────────",
      "state     completed         completed         failed",
      "lr              0.1               0.2            0.2",
      "momentum          –                 –            0.9",
      "acc ↑        0.5000  0.7500 (+0.2500)  NaN (unknown)",
      "loss ↓            2                 –         1 (-1)",
      "",
      "in brackets: minus exp001/0",
      "same in all: epochs=5, seed=0",
    ].join("\n"),
  );
});

Deno.test("changesBetween() goes by dotted key", () => {
  assert.deepEqual(
    changesBetween({ a: { b: 1, c: [1, 2] }, d: "x" }, { a: { b: 2, c: [1, 2] }, e: null }),
    [{ name: "a.b", from: 1, to: 2 }, { name: "d", from: "x" }, { name: "e", to: null }],
  );
  assert.deepEqual(changesBetween({ a: undefined }, {}), []);
});

Deno.test("resultsTable() says that nothing can be tested with one seed", () => {
  const runs = ["a", "b"].map((model, run) => record({ model }, { acc: run }, { run }));
  const layout = { rows: ["model"], metrics: ["acc"], test: "t", baseline: ["a"] } as const;
  const { notes } = resultsTable(runs, layout).table;
  assert.equal(
    notes.at(-1),
    "not tested against a: no row has 2 pairs of runs that a test could compare",
  );
  assert.ok(!notes.some((note) => note.includes("p <")), notes.join());
});
