import assert from "node:assert/strict";
import fc from "fast-check";
import { directionOf, guessDirection } from "../../lib/results/direction.ts";
import { numberText, plainNumber } from "../../lib/results/numbers.ts";
import { parsePythonJson } from "../../lib/core/python_json.ts";
import { textWidth } from "../../lib/results/text_width.ts";

Deno.test("guessDirection() goes by the words in the name", async (t) => {
  const lower = ["loss", "val_loss", "trainLoss", "test.RMSE", "mae", "error", "top1_err", "nll"];
  const more = ["perplexity", "train_time", "seconds", "word-error-rate", "FID", "eval/ece"];
  const higher = ["accuracy", "val_acc", "f1", "reward", "auc", "bleu", "lossless", "timesteps_ok"];
  for (const name of [...lower, ...more]) {
    await t.step(`${name} → min`, () => assert.equal(guessDirection(name), "min"));
  }
  for (const name of higher) {
    await t.step(`${name} → max`, () => assert.equal(guessDirection(name), "max"));
  }
  await t.step("what is declared wins", () => {
    assert.equal(directionOf("loss", { loss: "max" }), "max");
    assert.equal(directionOf("constructor", {}), "max");
  });
});

Deno.test("numberText() writes 4 digits, and the spread with the same decimals", async (t) => {
  const cases: [number, number | undefined, string][] = [
    [0.91234, 0.00412, "0.9123 ± 0.0041"],
    [0.91234, undefined, "0.9123"],
    [12.3456, 1.5, "12.35 ± 1.50"],
    [12345.6, 78.9, "12346 ± 79"],
    [-0.5, 0.25, "-0.5000 ± 0.2500"],
    [0.001, 2, "0.001 ± 2.000"],
    [0, 0, "0 ± 0"],
    [0, undefined, "0"],
    [100, undefined, "100"],
    [9.99999, undefined, "10.00"],
    [1.2e-6, 3e-8, "(1.200 ± 0.030)e-6"],
    [1.2e-6, undefined, "1.200e-6"],
    [3.21e9, undefined, "3.210e9"],
    [2.5e-320, undefined, "0.00000000000000000002500e-300"],
  ];
  for (const [mean, std, expected] of cases) {
    await t.step(expected, () => assert.equal(plainNumber(numberText(mean, std)), expected));
  }
  await t.step("stays within half a unit of the last digit", () => {
    fc.assert(fc.property(fc.double({ min: -1e12, max: 1e12, noNaN: true }), (value) => {
      if (Math.abs(value) < 1e-200) return;
      const shown = Number(plainNumber(numberText(value)));
      assert.ok(Math.abs(shown - value) <= Math.abs(value) * 6e-4, `${value} → ${shown}`);
    }));
  });
});

Deno.test("parsePythonJson() reads what JSON.stringify writes, unchanged", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const text = JSON.stringify(value);
    assert.deepEqual(parsePythonJson(text), JSON.parse(text));
  }));
});

Deno.test("parsePythonJson() turns only bare words into strings", () => {
  fc.assert(fc.property(fc.string(), (note) => {
    const text = `{"note": ${JSON.stringify(note)}, "a": [NaN, -Infinity, {"b": Infinity}]}`;
    assert.deepEqual(parsePythonJson(text), {
      note,
      a: ["NaN", "-Infinity", { b: "Infinity" }],
    });
  }));
});

Deno.test("parsePythonJson() refuses what is neither", async (t) => {
  for (const text of ["NaNa", "[NaN", "-NaN", '"NaN', "xInfinity"]) {
    await t.step(text, () => assert.throws(() => parsePythonJson(text), SyntaxError));
  }
});

Deno.test("textWidth() counts terminal cells", () => {
  const cases: [string, number][] = [["abc", 3], ["0.9 ± 0.1", 9], ["é", 1], ["日本", 4], [
    "🙂",
    2,
  ]];
  for (const [text, width] of cases) assert.equal(textWidth(text), width, text);
});
