import assert from "node:assert/strict";
import { UsageError } from "../../lib/core/errors.ts";
import type { Params } from "../../lib/core/params.ts";
import { argumentsFor } from "../../lib/script/arguments.ts";
import { paramsJson, withoutParams } from "../../lib/script/values.ts";

Deno.test("argumentsFor() writes for argparse", async (t) => {
  const cases: [name: string, params: Params, expected: string[]][] = [
    ["texts and numbers", { name: "a b", lr: 1e-7, n: 10 }, [
      "--name",
      "a b",
      "--lr",
      "1e-7",
      "--n",
      "10",
    ]],
    ["flags", { on: true, off: false, none: null }, ["--on"]],
    ["groups", { optim: { lr: 0.1, sched: { warm: 5 } } }, [
      "--optim.lr",
      "0.1",
      "--optim.sched.warm",
      "5",
    ]],
    ["lists", { layers: [64, 32], names: ["a", "b c"], empty: [], mixed: [true, null, [1]] }, [
      "--layers",
      "64",
      "32",
      "--names",
      "a",
      "b c",
      "--mixed",
      "true",
      "null",
      "[1]",
    ]],
    ["what starts with a dash", { a: "-v", b: -1, c: [-1, -1e-7, -1.5e21, "-.5"] }, [
      "--a=-v",
      "--b=-1",
      "--c",
      "-1",
      "-0.0000001",
      "-1500000000000000000000",
      "-.5",
    ]],
    ["an empty text", { a: "" }, ["--a", ""]],
    ["an empty group", { a: {} }, []],
  ];
  for (const [name, params, expected] of cases) {
    await t.step(name, () => assert.deepEqual(argumentsFor("argparse", params), expected));
  }
});

Deno.test("argumentsFor() writes for Hydra", async (t) => {
  const cases: [name: string, params: Params, expected: string[]][] = [
    ["plain values", { lr: 0.1, name: "resnet/18-a.b", on: true, none: null }, [
      "lr=0.1",
      "name=resnet/18-a.b",
      "on=true",
      "none=null",
    ]],
    ["texts that look like something else", { a: "1", b: "Null", c: "true", d: "", e: "nan" }, [
      'a="1"',
      'b="Null"',
      'c="true"',
      'd=""',
      'e="nan"',
    ]],
    ["groups, lists, dicts", { o: { lr: [1, "a b", { x: null }] }, e: {} }, [
      'o.lr=[1,"a b",{x:null}]',
      "e={}",
    ]],
    ["quotes and backslashes", { a: 'x"\\"\\', b: "\\n" }, [String.raw`a="x\"\\\"\\"`, 'b="\\n"']],
    ["interpolations", { a: "${x}", b: "\\${x}" }, [
      String.raw`a="\${x}"`,
      String.raw`b="\\\${x}"`,
    ]],
    ["keys of Hydra", { "+x": 1, "++y.z": 2, "db@src.x": "mysql" }, [
      "+x=1",
      "++y.z=2",
      "db@src.x=mysql",
    ]],
  ];
  for (const [name, params, expected] of cases) {
    await t.step(name, () => assert.deepEqual(argumentsFor("hydra", params), expected));
  }
});

Deno.test("argumentsFor() writes nothing for none", () => {
  assert.deepEqual(argumentsFor("none", { a: "--" }), []);
});

Deno.test("argumentsFor() refuses what the style cannot express", async (t) => {
  const cases: [style: "argparse" | "hydra", params: Params][] = [
    ["argparse", { a: "--" }],
    ["argparse", { a: ["-v"] }],
    ["argparse", { a: ["--"] }],
    ["argparse", { "a b": 1 }],
    ["argparse", { "a=b": 1 }],
    ["argparse", { "-a": 1 }],
    ["argparse", { "": 1 }],
    ["hydra", { a: "???" }],
    ["hydra", { a: ["???"] }],
    ["hydra", { "a b": 1 }],
    ["hydra", { "a:b": 1 }],
    ["hydra", { a: [{ "1": 1 }] }],
    ["hydra", { a: [{ "null": 1 }] }],
  ];
  for (const [style, params] of cases) {
    await t.step(`${style} ${JSON.stringify(params)}`, () => {
      assert.throws(() => argumentsFor(style, params), (error) => {
        assert.ok(error instanceof UsageError && error.hint);
        assert.match(error.message, /^Cannot .+/);
        return true;
      });
    });
  }
});

Deno.test("paramsJson() refuses numbers that JSON has not", () => {
  assert.equal(paramsJson({ a: [1e-7, "é\u2028"] }), JSON.stringify({ a: [1e-7, "é\u2028"] }));
  assert.throws(() => paramsJson({ a: [NaN] }), UsageError);
  assert.throws(() => paramsJson({ a: { b: Infinity } }), UsageError);
});

Deno.test("withoutParams() takes parameters and whole groups away", () => {
  const params = { a: 1, o: { lr: 1, b: { c: 1 } }, "x.y": 1, e: {} };
  assert.deepEqual(withoutParams(params, new Set(["a", "o.b.c", "x.y"])), { o: { lr: 1 }, e: {} });
  assert.deepEqual(withoutParams(params, new Set(["o"])), { a: 1, "x.y": 1, e: {} });
});
