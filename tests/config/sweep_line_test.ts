import assert from "node:assert/strict";
import fc from "fast-check";
import type { ParamValue } from "../../lib/core/params.ts";
import { parseSweepLine } from "../../lib/config/sweep_line.ts";
import { messageOf } from "./helpers.ts";

Deno.test("parseSweepLine() reads dr_exp's lines", async (t) => {
  const cases: [string, Record<string, ParamValue[]>, number[]?][] = [
    ["model=r18,r50 optim.lr=0.1,0.01", { model: ["r18", "r50"], "optim.lr": [0.1, 0.01] }],
    ["lr=1e-3", { lr: [0.001] }],
    ["  a=1   b=2\tc=3 ", { a: [1], b: [2], c: [3] }],
    ["a=true,false,null,~,no", { a: [true, false, null, null, "no"] }],
    ["a='b c','d,e',\"f\\\"g\",''", { a: ["b c", "d,e", 'f"g', ""] }],
    ["a='1',1", { a: ["1", 1] }],
    ["layers=[64,32],[128]", { layers: [[64, 32], [128]] }],
    ["o={lr: 0.1, name: 'a,b'},{lr: 0.2}", { o: [{ lr: 0.1, name: "a,b" }, { lr: 0.2 }] }],
    ["path=/a/b.c,s3://x:1", { path: ["/a/b.c", "s3://x:1"] }],
    ["a=it's,b", { a: ["it's", "b"] }],
    ["a=x=y", { a: ["x=y"] }],
    ["a=*x,&y,!z,@w,%v,#u", { a: ["*x", "&y", "!z", "@w", "%v", "#u"] }],
    ["+trainer.fast=true", { "+trainer.fast": [true] }],
    ["lr=0.1 seed=0,1,2", { lr: [0.1] }, [0, 1, 2]],
    ["seed=3", {}, [3]],
    ["seed=a,b", { seed: ["a", "b"] }],
    ["t=02:00:00", { t: ["02:00:00"] }],
  ];
  for (const [line, grid, seeds] of cases) {
    await t.step(line, () => {
      assert.deepEqual(parseSweepLine(line), seeds ? { grid, seeds } : { grid });
    });
  }
});

Deno.test("parseSweepLine() says what is wrong and at which column", async (t) => {
  const write = 'write it as "model=r18,r50 optim.lr=0.1,0.01": no spaces around = and commas';
  const value = "write a number, true, a word, 'a text', [a, list] or {a: mapping}";
  const cases: [string, string][] = [
    ["", `at column 1, it is empty | ${write}`],
    ["a=1 lr", `at column 5, "lr" has no = | ${write}`],
    ["lr = 1", `at column 1, "lr" has no = | ${write}`],
    ["a=1, 2", `at column 5, a value is missing | ${write}; '' is the empty text`],
    ["a=1,,2", `at column 5, a value is missing | ${write}; '' is the empty text`],
    ["a=", `at column 3, a value is missing | ${write}; '' is the empty text`],
    ["=1", `at column 1, "" is no name of a parameter | ${write}`],
    ["9a=1", `at column 1, "9a" is no name of a parameter | ${write}`],
    ["a=1 a=2", `at column 5, "a" is there twice | give all its values at once`],
    ["params.lr=1", `at column 1, "params.lr" starts with params. | write lr=…`],
    ["b=1 a='x", `at column 7, ' is not closed | ${write}`],
    ["a=[1,2", `at column 3, [ is not closed | ${write}`],
    ["a=1,{b: [}", `at column 9, [ is not closed | ${write}`],
    [
      "a=.nan",
      `at column 3, the value ".nan": JSON has no such number; quote it to keep the text | ${value}`,
    ],
    [
      "a=1,'x'y",
      `at column 5, the value "'x'y": end of the stream or a document separator is expected | ${value}`,
    ],
  ];
  for (const [line, message] of cases) {
    await t.step(JSON.stringify(line), () => {
      const full = `Cannot read the sweep ${JSON.stringify(line)}: ${message}`;
      assert.equal(messageOf(() => parseSweepLine(line)), full);
    });
  }
});

Deno.test("parseSweepLine() reads back any grid that is written with quotes", () => {
  const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_./-]{0,8}$/)
    .filter((name) => name !== "seed" && name !== "__proto__" && !name.startsWith("params."));
  const { node } = fc.letrec<{ node: ParamValue }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 2 },
      fc.string({ unit: "grapheme" }),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(fc.string({ maxLength: 4 }).filter((k) => k !== "__proto__"), tie("node"), {
        maxKeys: 3,
      }),
    ),
  }));
  const grid = fc.dictionary(key, fc.array(node, { minLength: 1, maxLength: 4 }), { minKeys: 1 });
  fc.assert(
    fc.property(grid, (given) => {
      const line = Object.entries(given)
        .map(([name, values]) => `${name}=${values.map((item) => JSON.stringify(item)).join(",")}`)
        .join("  ");
      assert.deepEqual(parseSweepLine(line).grid, JSON.parse(JSON.stringify(given)));
    }),
    { numRuns: 500 },
  );
});
