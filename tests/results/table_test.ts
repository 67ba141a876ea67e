import assert from "node:assert/strict";
import { aggregate } from "../../lib/results/aggregate.ts";
import { groupTable } from "../../lib/results/group_table.ts";
import { runTable } from "../../lib/results/run_table.ts";
import { renderTable } from "../../lib/results/table.ts";
import { record } from "./support.ts";

const RUNS = [
  ...[0, 1, 2].flatMap((seed) => [
    record({ model: "mlp", lr: 0.1, epochs: 5, seed }, { acc: 0.9 + seed / 100, val_loss: 0.3 }),
    record({ model: "日本", lr: 1, epochs: 5, seed }, {
      acc: 0.8,
      val_loss: seed === 0 ? "NaN" : 0.25,
    }),
  ]),
  record({ model: "mlp", lr: 0.1, epochs: 5, seed: 3 }, {}, { state: "out_of_memory" }),
];

function drawn(width?: number): string {
  return renderTable(groupTable(aggregate(RUNS)), width === undefined ? {} : { width });
}

Deno.test("renderTable() draws mean ± std, marks the best, and says what was left out", () => {
  assert.equal(
    drawn(),
    [
      "model   lr  n            acc ↑         val_loss ↓",
      "───────────────────────────────────────────────────────",
      "mlp    0.1  3  0.9100 ± 0.0100 ←  0.3000 ± 0.0000 ←",
      "日本     1  3  0.8000 ± 0.0000    0.2500 ± 0.0000 (n=2)",
      "",
      "same in all: epochs=5",
      "runs not counted: 1 out of memory",
      "val_loss: completed runs left out: 1 not finite",
      "not ranked: 1 mean with a run that is not finite",
    ].join("\n"),
  );
});

Deno.test("renderTable() leaves columns out of a narrow terminal and names them", async (t) => {
  for (const width of [20, 40, 60]) {
    await t.step(`${width} columns`, () => {
      const [head, rule, ...rest] = drawn(width).split("\n");
      assert.ok(rule!.length <= width);
      const shown = head!.trim().split(/ {2,}/).map((name) => name.replace(/ [↑↓]/, ""));
      const named = rest.find((line) => line.startsWith("not shown"))?.replace(/.*: /, "");
      const all = [...shown, ...(named === undefined ? [] : named.split(", "))];
      assert.deepEqual(all, ["model", "lr", "n", "acc", "val_loss"]);
    });
  }
  await t.step("the first column always stays", () => {
    assert.match(drawn(1), /^model\n/);
    assert.match(drawn(1), /not shown, too wide: lr, n, acc, val_loss$/);
  });
});

Deno.test("renderTable() is bold only when colour is on", () => {
  const table = groupTable(aggregate(RUNS));
  const bold = renderTable(table, { color: true });
  // deno-lint-ignore no-control-regex
  const escapes = /\x1b\[\d+m/g;
  assert.equal(bold.match(escapes)?.length, 4);
  assert.equal(bold.replaceAll(escapes, ""), renderTable(table));
});

Deno.test("renderTable() lets no value break a line or steer the terminal", () => {
  const runs = [record({ p: "a\nb\x1b[31m" }, { m: 1 }), record({ p: "x".repeat(99) }, { m: 2 })];
  const lines = renderTable(groupTable(aggregate(runs))).split("\n");
  assert.equal(lines.length, 4);
  assert.match(lines[2]!, /^a\\u\{a\}b\\u\{1b\}\[31m /);
  assert.match(lines[3]!, /^x{39}… /);
});

Deno.test("groupTable() shows chosen metrics, and marks nothing where all are equal", () => {
  const table = groupTable(aggregate(RUNS), { metrics: ["val_loss", "nothing"] });
  assert.deepEqual(table.columns.map(({ name }) => name), ["model", "lr", "n", "val_loss"]);
  const same = groupTable(aggregate([record({ a: 1 }, { m: 1 }), record({ a: 2 }, { m: 1 })]));
  assert.deepEqual(same.rows.flat().filter(({ best }) => best), []);
  const alone = groupTable(aggregate([record({ a: 1 }, { m: 1 })]));
  assert.deepEqual(alone.rows.flat().filter(({ best }) => best), []);
});

Deno.test("groupTable() names experiments when there are several", () => {
  const runs = [record({}, { m: 1 }), record({}, { m: 2 }, { experiment: "exp002" })];
  const table = groupTable(aggregate(runs));
  assert.deepEqual(table.rows.map((row) => row[0]!.text), ["exp001", "exp002"]);
});

Deno.test("runTable() has a row for each run", () => {
  const text = renderTable(runTable(RUNS.slice(-2)));
  assert.equal(
    text,
    [
      "run  state          model   lr  seed     acc  val_loss",
      "──────────────────────────────────────────────────────",
      "  0  completed      日本     1     2  0.8000    0.2500",
      "  0  out_of_memory  mlp    0.1     3       –         –",
      "",
      "same in all: epochs=5",
    ].join("\n"),
  );
});
