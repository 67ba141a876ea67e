import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError } from "../../lib/core/errors.ts";
import type { Params } from "../../lib/core/params.ts";
import { parseCondition } from "../../lib/config/sweep_condition.ts";
import { messageOf } from "./helpers.ts";

const POINT: Params = {
  lr: 0.1,
  batch: 32,
  model: "r18",
  amp: true,
  none: null,
  layers: [64, 32],
  optim: { lr: 0.5, "weird-key": 1 },
  "a-b": 3,
};

Deno.test("parseCondition() computes", async (t) => {
  const cases: [string, boolean | undefined][] = [
    ["lr * batch <= 3.2", true],
    ["lr*batch<3", false],
    ["1 + 2 * 3 == 7", true],
    ["(1 + 2) * 3 == 9", true],
    ["2 ** 3 ** 2 == 512", true],
    ["-2 ** 2 == -4", true],
    ["7 % 4 == 3", true],
    ["-lr < 0", true],
    ["0 < lr < 1", true],
    ["0 < lr < 0.05", false],
    ["model == 'r18' and amp", true],
    ['model == "r50" or not amp', false],
    ["model == 'r18' && !(lr > 1) || false", true],
    ["not amp == false", true],
    ["model in ['r18', 'r34']", true],
    ["model not in ['r18']", false],
    ["'1' in model", true],
    ["batch == '32'", false],
    ["model='r18' and batch = 32", true],
    ["layers == [64, 32]", true],
    ["optim.lr > lr", true],
    ["`a-b` == 3", true],
    ["min(lr, 1, 2) == lr and max(1, 2) == 2", true],
    ["log10(0.001) == -3 and log2(8) == 3 and sqrt(16) == 4", true],
    ["abs(-1) == 1 and round(1.5) == 2 and floor(1.9) == 1 and ceil(1.1) == 2", true],
    ["True and amp == TRUE", true],
    ["'it\\'s' == \"it's\"", true],
    ["1e-3 == .001", true],
    ["missing == null and none == null and None == none", true],
    ["lr != null", true],
    ["missing > 1", undefined],
    ["missing == 1", undefined],
    ["missing + 1 > 0", undefined],
    ["not missing", undefined],
    ["missing > 1 or lr > 0", true],
    ["missing > 1 and lr > 1", false],
    ["lr > 0 and missing > 1", undefined],
    ["max(missing, 1) > 0", undefined],
    ["missing in [1]", undefined],
    ["constructor == null", true],
    ["optim.toString == null", true],
  ];
  for (const [text, expected] of cases) {
    await t.step(text, () => assert.equal(parseCondition(text).holds(POINT), expected));
  }
});

Deno.test("parseCondition() says what is wrong and where", async (t) => {
  const write = "write it as lr * batch <= 1 and optimizer in ['sgd', 'adam']";
  const kinds = "compare with == null first, or with a value of the same kind";
  const cases: [string, string][] = [
    ["", `Cannot read the condition "": at column 1, found its end, expected a value | ${write}`],
    [
      "lr >",
      `Cannot read the condition "lr >": at column 5, found its end, expected a value | ${write}`,
    ],
    [
      "lr lr",
      `Cannot read the condition "lr lr": at column 4, found lr, expected and, or, or a comparison | ${write}`,
    ],
    [
      "(lr > 1",
      `Cannot read the condition "(lr > 1": at column 8, found its end, expected ) | ${write}`,
    ],
    [
      "lr > 1; 2",
      `Cannot read the condition "lr > 1; 2": at column 7, ; is no part of a condition | ${write}`,
    ],
    [
      "eval(1) > 0",
      `Cannot read the condition "eval(1) > 0": at column 1, eval() is not known, expected one of abs, ceil, exp, floor, log, log10, log2, max, min, round, sqrt | ${write}`,
    ],
    [
      "a[0] == 1",
      `Cannot read the condition "a[0] == 1": at column 2, found [, expected and, or, or a comparison | ${write}`,
    ],
    [
      "lr + 1",
      `Cannot use the condition "lr + 1": it is a value and no condition, expected a comparison | ${kinds}`,
    ],
    [
      "model < 3",
      `Cannot use the condition "model < 3": < needs two numbers or two texts, found "r18" and 3 | ${kinds}`,
    ],
    [
      "model * 2 == 1",
      `Cannot use the condition "model * 2 == 1": * needs two numbers, found "r18" and 2 | ${kinds}`,
    ],
    [
      "lr and amp",
      `Cannot use the condition "lr and amp": and, or, not need conditions, found 0.1 | ${kinds}`,
    ],
    ["1 in 2", `Cannot use the condition "1 in 2": in needs a list, found 2 | ${kinds}`],
    [
      "abs(model) > 1",
      `Cannot use the condition "abs(model) > 1": abs() needs numbers, found "r18" | ${kinds}`,
    ],
  ];
  for (const [text, message] of cases) {
    await t.step(text, () => {
      assert.equal(messageOf(() => parseCondition(text).holds(POINT)), message);
    });
  }
});

Deno.test("parseCondition() ends on anything, with a truth, unknown, or a ConfigError", () => {
  const word = fc.constantFrom(
    ...["lr", "model", "missing", "1", "0.5", "'a'", "true", "null", "and", "or", "not", "in"],
    ...[
      "(",
      ")",
      "[",
      "]",
      ",",
      "+",
      "-",
      "*",
      "/",
      "**",
      "==",
      "<",
      ">=",
      "!",
      "&&",
      "abs",
      "`a`",
    ],
  );
  let good = 0;
  fc.assert(
    fc.property(fc.oneof(fc.array(word, { maxLength: 12 }), fc.array(fc.string())), (words) => {
      try {
        const holds = parseCondition(words.join(" ")).holds(POINT);
        assert.ok(holds === undefined || typeof holds === "boolean");
        good++;
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
        assert.ok(error.hint);
      }
    }),
    { numRuns: 5000 },
  );
  assert.ok(good > 0, "no condition was valid: the test proves nothing");
  assert.throws(() => parseCondition("(".repeat(1_000_000)), ConfigError);
  assert.throws(() => parseCondition("(".repeat(2000)), ConfigError);
});

Deno.test("parseCondition() that is typed refuses == between kinds", async (t) => {
  const cases: [string, string | boolean | undefined][] = [
    ["batch == 32", true],
    ["batch != 16", true],
    ["missing == 'x'", undefined],
    ["batch == null", false],
    ["batch in ['32', 32]", true],
    ["batch == '32'", '== needs two values of one kind, found 32 and "32"'],
    ["amp != 1", "!= needs two values of one kind, found true and 1"],
    ["layers == 64", "== needs two values of one kind, found [64,32] and 64"],
  ];
  for (const [text, expected] of cases) {
    const { holds } = parseCondition(text, { typed: true });
    await t.step(text, () => {
      if (typeof expected !== "string") assert.equal(holds(POINT), expected);
      else assert.ok(messageOf(() => holds(POINT)).includes(expected));
    });
  }
});
