import assert from "node:assert/strict";
import fc from "fast-check";
import { harvestFolder } from "../../lib/results/harvest.ts";
import { check } from "./reader_cases.ts";
import { spec, withFolder } from "./support.ts";

Deno.test("csvReader reads metrics.csv", async (t) => {
  const good = "epoch,acc,loss\n1,0.5,3\n2,0.9,1\n";
  await check(t, "metrics.csv", [
    { name: "good", content: good, last: { acc: 0.9, loss: 1 }, problems: [] },
    {
      name: "blank cells are missing, not zero",
      content: "epoch,acc,loss\n1,0.5,\n2,,1\n",
      last: { acc: 0.5, loss: 1 },
      problems: [],
    },
    {
      name: "quotes, NaN of every spelling, text",
      content: 'a,b,"c ""d""",e\r\nnan,-inf,"x, y",+Infinity\r\n',
      last: { a: "NaN", b: "-Infinity", 'c "d"': "x, y", e: "Infinity" },
      problems: [],
    },
    {
      name: "hexadecimal and grouped numbers are text",
      content: "a,b,c\n0x10,1_000,1e-3\n",
      last: { a: "0x10", b: "1_000", c: 0.001 },
      problems: [],
    },
    {
      name: "a half-written last row",
      content: `${good}3,0.9`,
      last: { acc: 0.9, loss: 1 },
      problems: ["metrics.csv: the last row is half-written; left out"],
    },
    {
      name: "a last row without a line end",
      content: `${good}3,0.95,0.5`,
      last: { acc: 0.95, loss: 0.5 },
      problems: ["metrics.csv: the last row has no line end; its last value may be cut short"],
    },
    {
      name: "a row with too many cells",
      content: "a,b\n1,2,3\n4,5\n",
      last: { a: 4, b: 5 },
      problems: ["metrics.csv: row 1 has 3 cells, the header 2; left out"],
    },
    {
      name: "a column twice",
      content: "a,a\n1,2\n",
      last: { a: 1 },
      problems: ["metrics.csv: column a is there twice; the first counts"],
    },
    { name: "a header only", content: "a,b\n", last: {}, problems: ["metrics.csv: holds no rows"] },
    { name: "empty", content: "", last: {}, problems: ["metrics.csv: is empty"] },
    {
      name: "binary",
      content: new Uint8Array([1, 0, 2]),
      last: {},
      problems: ["metrics.csv: not text: holds NUL characters"],
    },
  ]);
  await t.step(
    "the best with its step; tabs in .tsv",
    () =>
      withFolder({ "m.tsv": "step\tacc\n10\t0.9\n20\t0.5\n" }, (folder) => {
        const { metrics } = harvestFolder(folder, {}, spec([{ path: "m.tsv", format: "csv" }]));
        assert.deepEqual(metrics, {
          acc: { last: 0.5, best: 0.9, bestStep: 10, direction: "max", source: "m.tsv" },
        });
      }),
  );
});

Deno.test("regexReader reads a log", async (t) => {
  const log = "epoch 1 loss=2.5 acc=0.1\nnoise\nepoch 2 loss=1.5 acc=0.7\rloss=1.75 acc=0.6\n";
  const cases: [string, Record<string, string>, Record<string, unknown>, RegExp[]][] = [
    ["the last match counts", { loss: "loss=([\\d.]+)", acc: "acc=([\\d.]+)" }, {
      loss: 1.75,
      acc: 0.6,
    }, []],
    ["a pattern that matches nothing", { f1: "f1=(.*)" }, {}, [
      /^stdout: nothing matches the pattern of f1$/,
    ]],
    ["a pattern without a group", { loss: "loss=.*" }, {}, [/the pattern of loss has no group/]],
    ["a broken pattern", { loss: "loss=(" }, {}, [/the pattern of loss is no regular expression/]],
    [
      "words, and a group that took no part",
      { word: "(nois)e|(x)", n: "epoch 2 l(o)ss" },
      { word: "nois", n: "o" },
      [],
    ],
  ];
  for (const [name, patterns, expected, problems] of cases) {
    await t.step(name, () =>
      withFolder({ "slurm.out": log }, (folder) => {
        const found = harvestFolder(
          "/nonexistent",
          { logs: { stdout: `${folder}/slurm.out` } },
          spec([{ path: "stdout", format: "regex", patterns }]),
        );
        const lasts = Object.entries(found.metrics).map(([metric, { last }]) => [metric, last]);
        assert.deepEqual(Object.fromEntries(lasts), expected);
        assert.equal(found.problems.length, problems.length, found.problems.join("\n"));
        problems.forEach((problem, at) => assert.match(found.problems[at]!, problem));
      }));
  }
  await t.step(
    "a pattern named after a step key gives the steps",
    () =>
      withFolder({ "train.log": log }, (folder) => {
        const patterns = { epoch: "epoch (\\d+)", acc: "acc=([\\d.]+)" };
        const file = { path: "train.log", format: "regex" as const, patterns };
        const { epoch, acc } = harvestFolder(folder, {}, spec([file])).metrics;
        assert.equal(epoch?.last, 2);
        assert.deepEqual([acc?.best, acc?.bestStep], [0.7, 2]);
      }),
  );
});

Deno.test("harvestFolder() survives any damage to a file", async () => {
  const good: Record<string, string> = {
    "result.json": '{"acc": 0.9, "test": {"loss": NaN}, "note": "a\\"b"}\n',
    "metrics.jsonl": '{"epoch": 1, "loss": 2.5}\n{"epoch": 2, "loss": -Infinity}\n',
    "metrics.csv": 'epoch,acc,"a b"\n1,0.5,3\n2,nan,"x\ny"\n',
  };
  const bytes = fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 6 });
  await withFolder({}, (folder) => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(good)),
        bytes,
        fc.nat(90),
        (name, changes, length) => {
          const content = new TextEncoder().encode(good[name]!).slice(0, length);
          for (const [at, byte] of changes) if (at < content.length) content[at] = byte;
          Deno.writeFileSync(`${folder}/${name}`, content);
          const { metrics, problems } = harvestFolder(folder, {}, spec());
          Deno.removeSync(`${folder}/${name}`);
          for (const { last, best } of Object.values(metrics)) {
            for (const value of [last, best]) {
              if (typeof value === "number") assert.ok(Number.isFinite(value));
            }
          }
          for (const problem of problems) assert.ok(problem.startsWith(name), problem);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
