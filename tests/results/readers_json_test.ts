import assert from "node:assert/strict";
import { harvestFolder } from "../../lib/results/harvest.ts";
import { check } from "./reader_cases.ts";
import { spec, withFolder } from "./support.ts";

Deno.test("jsonReader reads result.json", async (t) => {
  await check(t, "result.json", [
    {
      name: "nested groups get dotted names",
      content: '{"acc": 0.9, "test": {"loss": 0.1, "deep": {"x": 1}}, "model": "r50", "ok": true}',
      last: { acc: 0.9, "test.loss": 0.1, "test.deep.x": 1, model: "r50", ok: true },
      problems: [],
    },
    {
      name: "bare NaN and Infinity of Python, and strings that only look like it",
      content: '{"a": NaN, "b": -Infinity, "c": Infinity, "note": "NaN, \\"Infinity\\" {NaN}"}',
      last: { a: "NaN", b: "-Infinity", c: "Infinity", note: 'NaN, "Infinity" {NaN}' },
      problems: [],
    },
    {
      name: "null is kept, lists are passed over",
      content: '{"a": null, "confusion": [[1, 2], [3, 4]]}',
      last: { a: null },
      problems: [],
    },
    { name: "a byte order mark", content: '\uFEFF{"a": 1}', last: { a: 1 }, problems: [] },
    {
      name: "a number too large for a double",
      content: '{"a": 1e999}',
      last: { a: "Infinity" },
      problems: [],
    },
    { name: "empty", content: " \n", last: {}, problems: ["result.json: is empty"] },
    {
      name: "half-written",
      content: '{"acc": 0.9,\n "loss": ',
      last: {},
      problems: [/^result\.json: half-written JSON: unexpected end/],
    },
    {
      name: "half-written inside a string",
      content: '{"acc": 0.9,\n "los',
      last: {},
      problems: ["result.json:2:6: half-written JSON: unterminated string"],
    },
    {
      name: "not JSON",
      content: "{'acc': 0.9}",
      last: {},
      problems: ["result.json:1:2: is not JSON: expected property name or '}'"],
    },
    {
      name: "a list",
      content: "[1]",
      last: {},
      problems: ["result.json: holds no JSON object"],
    },
    {
      name: "binary",
      content: new Uint8Array([0x89, 0x50, 0, 0, 1, 2, 255]),
      last: {},
      problems: ["result.json: not text: holds NUL characters"],
    },
    {
      name: "nested 100,000 deep",
      content: `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`,
      last: {},
      problems: [],
    },
  ]);
});

Deno.test("jsonReader keeps a metric named __proto__ apart", async () => {
  await withFolder({ "result.json": '{"__proto__": 3, "constructor": 4}' }, (folder) => {
    const { metrics } = harvestFolder(folder, {}, spec());
    assert.deepEqual(Object.keys(metrics), ["__proto__", "constructor"]);
    assert.equal(Object.getPrototypeOf(metrics), Object.prototype);
  });
});

Deno.test("jsonlReader reads metrics.jsonl", async (t) => {
  const good = '{"epoch": 1, "loss": 2.5}\n{"epoch": 2, "loss": 1.5}\n';
  await check(t, "metrics.jsonl", [
    { name: "good", content: good, last: { loss: 1.5 }, problems: [] },
    {
      name: "Windows line ends",
      content: good.replaceAll("\n", "\r\n"),
      last: { loss: 1.5 },
      problems: [],
    },
    { name: "no line feed at the end", content: good.trimEnd(), last: { loss: 1.5 }, problems: [] },
    {
      name: "a half-written last line",
      content: `${good}{"epoch": 3, "lo`,
      last: { loss: 1.5 },
      problems: ["metrics.jsonl:3: the last line is half-written; left out"],
    },
    {
      name: "a last line cut inside a letter",
      content: new Uint8Array([...new TextEncoder().encode(`${good}{"epoch": 3, "ü`)].slice(0, -1)),
      last: { loss: 1.5 },
      problems: ["metrics.jsonl:3: the last line is half-written; left out"],
    },
    {
      name: "a broken line in the middle",
      content: `{"epoch": 1, "loss": 2.5}\n{"epoch": 2,\n{"epoch": 3, "loss": 1.5}\n`,
      last: { loss: 1.5 },
      problems: [/^metrics\.jsonl:2: is not JSON: .*; left out$/],
    },
    {
      name: "many broken lines stay few problems",
      content: `${"oops\n".repeat(50)}${good}`,
      last: { loss: 1.5 },
      problems: [
        /^metrics\.jsonl:1: is not JSON/,
        /^metrics\.jsonl:2: is not JSON/,
        /^metrics\.jsonl:3: is not JSON/,
        "metrics.jsonl: 47 more like these",
      ],
    },
    {
      name: "a line that is no object",
      content: `3\n${good}`,
      last: { loss: 1.5 },
      problems: ["metrics.jsonl:1: is no JSON object; left out"],
    },
    {
      name: "blank lines",
      content: `\n${good}\n   \n`,
      last: { loss: 1.5 },
      problems: [],
    },
    {
      name: "NaN in a line",
      content: `${good}{"epoch": 3, "loss": NaN}\n`,
      last: { loss: "NaN" },
      problems: [],
    },
    { name: "empty", content: "", last: {}, problems: ["metrics.jsonl: is empty"] },
    { name: "blank", content: "\n\n", last: {}, problems: ["metrics.jsonl: holds no rows"] },
    {
      name: "binary",
      content: new Uint8Array([1, 0, 2, 0, 10, 0, 3, 10, 7, 7]),
      last: {},
      problems: [
        "metrics.jsonl:1: not text: holds NUL characters; stopped reading here",
        "metrics.jsonl: holds no rows",
      ],
    },
    {
      name: "UTF-16",
      content: new Uint8Array(Uint16Array.from(good, (letter) => letter.charCodeAt(0)).buffer),
      last: {},
      problems: [/NUL characters/, "metrics.jsonl: holds no rows"],
    },
    {
      name: "a line over 16 MiB",
      content: `{"a": "${"x".repeat(17 * 1024 * 1024)}"}\n${good}`,
      last: { loss: 1.5 },
      problems: ["metrics.jsonl:1: is longer than 16 MiB; left out"],
    },
    {
      name: "a long line across many chunks",
      content: `{"loss": 9, "text": "${"ü".repeat(400_000)}", "acc": 0.5}\n${good}`,
      last: { loss: 1.5, acc: 0.5 },
      problems: [],
    },
  ]);
});

Deno.test("jsonlReader keeps the last value, the best and its step", async (t) => {
  const rows = [
    { epoch: 1, val_loss: 3, acc: 0.5, phase: "warm" },
    { epoch: 2, val_loss: 1, acc: 0.9 },
    { epoch: 3, val_loss: 1, acc: 0.9 },
    { epoch: 4, val_loss: 2, acc: 0.8, phase: "main" },
  ];
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  await t.step(
    "guessed directions; the first of equals",
    () =>
      withFolder({ "metrics.jsonl": text }, (folder) => {
        const source = "metrics.jsonl";
        assert.deepEqual(harvestFolder(folder, {}, spec()).metrics, {
          val_loss: { last: 2, best: 1, bestStep: 2, direction: "min", source },
          acc: { last: 0.8, best: 0.9, bestStep: 2, direction: "max", source },
          phase: { last: "main", source },
        });
      }),
  );
  await t.step(
    "a declared direction wins",
    () =>
      withFolder({ "metrics.jsonl": text }, (folder) => {
        const { acc } = harvestFolder(folder, {}, spec([], { acc: "min" })).metrics;
        assert.deepEqual([acc?.best, acc?.bestStep, acc?.direction], [0.5, 1, "min"]);
      }),
  );
  await t.step(
    "a diverged end leaves the best as it was",
    () =>
      withFolder({ "metrics.jsonl": `${text}{"epoch": 5, "val_loss": NaN}\n` }, (folder) => {
        const loss = harvestFolder(folder, {}, spec()).metrics.val_loss;
        assert.deepEqual([loss?.last, loss?.best, loss?.bestStep], ["NaN", 1, 2]);
      }),
  );
  await t.step("the finest step key counts; without one there is no step", () =>
    withFolder({
      "metrics.jsonl": '{"epoch": 1, "global_step": 100, "acc": 0.5}\n{"plain": 4}\n',
    }, (folder) => {
      const { metrics } = harvestFolder(folder, {}, spec());
      assert.deepEqual(Object.keys(metrics), ["acc", "plain"]);
      assert.equal(metrics.acc?.bestStep, 100);
      assert.equal("bestStep" in metrics.plain!, false);
    }));
});
