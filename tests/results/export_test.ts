import assert from "node:assert/strict";
import { csvParse } from "d3-dsv";
import fc from "fast-check";
import { UsageError } from "../../lib/core/errors.ts";
import { exporterFor, EXPORTERS, exportRows } from "../../lib/results/export/formats.ts";
import { escapeLatex } from "../../lib/results/export/latex.ts";
import { escapeMarkdown } from "../../lib/results/export/markdown.ts";
import type { ResultRecord } from "../../lib/results/records.ts";
import { record } from "./support.ts";

const SOURCE = "metrics.jsonl";
const RUNS: ResultRecord[] = [
  record({ "optim.lr": 0.1, model: 'a,"b"', seed: 0 }, {}, {
    run: 0,
    metrics: {
      acc: { last: 0.9, best: 0.95, bestStep: 7, direction: "max", source: SOURCE },
      note: { last: "=1+1", source: "result.json" },
    },
    elapsed: 1.5,
    commit: "abc123",
  }),
  record({ "optim.lr": 0.1, model: 'a,"b"', seed: 1 }, { acc: "NaN" }, { run: 1 }),
  record({ "optim.lr": 1, model: "c\nd", seed: 0, layers: [1, 2] }, {}, {
    run: 2,
    state: "failed",
  }),
];

Deno.test("exporterFor() goes by the extension", async (t) => {
  const cases = [["results.csv", "csv"], ["a/b.JSON", "json"], ["x.jsonl", "jsonl"], [
    "x.parquet",
    "parquet",
  ]];
  for (
    const [path, format] of [...cases, ["t.tex", "tex"], ["README.md", "md"], ["t.htm", "html"]]
  ) {
    await t.step(path!, () => assert.equal(exporterFor(path!).format, format));
  }
  for (const path of ["results.xlsx", "results", ".csv"]) {
    await t.step(`${path} is refused`, () =>
      assert.throws(
        () => exporterFor(path),
        (error) => error instanceof UsageError && /\.csv.*\.tex/.test(error.hint!),
      ));
  }
  await t.step(
    "a format that is not known",
    () =>
      assert.throws(
        () => exportRows([], "csvv"),
        (error) => error instanceof UsageError && error.hint === 'did you mean "csv"?',
      ),
  );
  await t.step("every format ends its text in a line feed, and takes no runs", () => {
    for (const exporter of EXPORTERS.filter((one) => "render" in one)) {
      assert.match(exporter.render(RUNS, {}), /\n$/);
      assert.equal(typeof exporter.render([], {}), "string");
    }
  });
});

Deno.test("csvExporter writes one row a run, values exact", async (t) => {
  const text = exportRows(RUNS, "csv");
  await t.step("columns", () =>
    assert.equal(
      text.split("\n")[0],
      "experiment,run,state,seed,optim.lr,model,layers,acc,note,acc_best,acc_best_step,elapsed,commit",
    ));
  await t.step("values, as a CSV reader has them", () => {
    const [first, second, third] = csvParse(text);
    assert.deepEqual({ ...first }, {
      experiment: "exp001",
      run: "0",
      state: "completed",
      seed: "0",
      "optim.lr": "0.1",
      model: 'a,"b"',
      layers: "",
      acc: "0.9",
      note: "=1+1",
      acc_best: "0.95",
      acc_best_step: "7",
      elapsed: "1.5",
      commit: "abc123",
    });
    assert.deepEqual([second?.acc, second?.acc_best, second?.elapsed], ["NaN", "", ""]);
    assert.deepEqual([third?.model, third?.layers, third?.acc], ["c\nd", "[1,2]", ""]);
  });
  await t.step("names that are taken get a prefix", () => {
    const run = record({ run: 7, acc: 1, seed: 5 }, { acc: 2, state: 3 }, { seed: 4 });
    const [row] = csvParse(exportRows([run], "csv"));
    assert.deepEqual(Object.keys(row!), [
      ..."experiment run state seed params.run acc params.seed metrics.acc metrics.state".split(
        " ",
      ),
      ..."elapsed commit".split(" "),
    ]);
    assert.deepEqual([row?.seed, row?.["params.seed"], row?.acc, row?.["metrics.acc"]], [
      "4",
      "5",
      "1",
      "2",
    ]);
  });
  await t.step("any text and number comes back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.double({ noNaN: true }), (word, value) => {
        const run = record({ word }, { value: Number.isFinite(value) ? value : String(value) });
        const [row] = csvParse(exportRows([run, run], "csv"));
        assert.equal(row?.word, word);
        if (Number.isFinite(value)) assert.ok(Number(row?.value) === value);
      }),
    );
  });
});

Deno.test("jsonExporter and jsonlExporter keep records whole", () => {
  const plain = JSON.parse(JSON.stringify(RUNS));
  assert.deepEqual(JSON.parse(exportRows(RUNS, "json")), plain);
  const lines = exportRows(RUNS, "jsonl").trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line)), plain);
  assert.equal(exportRows([], "jsonl"), "");
});

const PAPER = [0, 1, 2].flatMap((seed) => [
  record({ model: "a_b|c", seed }, { acc: 0.9 + seed / 100, val_loss: 0.5 }),
  record({ model: "x & y", seed }, { acc: 0.8, val_loss: seed === 0 ? "NaN" : 1e-6 * seed }),
]);

Deno.test("markdownExporter writes mean ± std, the best bold", () => {
  assert.equal(
    exportRows(PAPER, "md"),
    [
      "| model | n | acc ↑ | val\\_loss ↓ |",
      "| --- | ---: | ---: | ---: |",
      "| a\\_b\\|c | 3 | **0.9100 ± 0.0100** | **0.5000 ± 0.0000** |",
      "| x &amp; y | 3 | 0.8000 ± 0.0000 | (1.500 ± 0.707)e-6 (n=2) |",
      "",
      "- val\\_loss: completed runs left out: 1 not finite",
      "",
    ].join("\n"),
  );
});

Deno.test("latexExporter writes a tabular with booktabs", () => {
  assert.equal(
    exportRows(PAPER, "tex", { metrics: ["val_loss", "acc"] }),
    [
      "% \\usepackage{booktabs}",
      "% val\\_loss: completed runs left out: 1 not finite",
      "\\begin{tabular}{lrrr}",
      "  \\toprule",
      "  model & n & val\\_loss $\\downarrow$ & acc $\\uparrow$ \\\\",
      "  \\midrule",
      "  a\\_b\\textbar{}c & 3 & $\\mathbf{0.5000} \\pm 0.0000$ & $\\mathbf{0.9100} \\pm 0.0100$ \\\\",
      "  x \\& y & 3 & $(1.500 \\pm 0.707) \\times 10^{-6}$ ($n=2$) & $0.8000 \\pm 0.0000$ \\\\",
      "  \\bottomrule",
      "\\end{tabular}",
      "",
    ].join("\n"),
  );
});

Deno.test("escapeLatex() leaves nothing that LaTeX would act on", async (t) => {
  const cases = [
    ["50% & $5 #1 _x_ {y}", "50\\% \\& \\$5 \\#1 \\_x\\_ \\{y\\}"],
    ["C:\\x ~ ^", "C:\\textbackslash{}x \\textasciitilde{} \\textasciicircum{}"],
    ['[64,"a"] *', "{[}64,{\\char34}a{\\char34}] {*}"],
    ["a\nb\x00c", "a b c"],
    ["<b> ---", "\\textless{}b\\textgreater{} -{}--"],
  ];
  for (const [text, expected] of cases) {
    await t.step(JSON.stringify(text), () => assert.equal(escapeLatex(text!), expected));
  }
  await t.step("for any text", () => {
    const hostile = fc.string({ unit: fc.constantFrom(...'\\{}%&$#_^~<>|"[*-\n a') });
    fc.assert(fc.property(hostile, (text) => {
      const rest = escapeLatex(text)
        .replaceAll(
          /\\(textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar)\{\}/g,
          "",
        )
        .replaceAll("{\\char34}", "").replaceAll("{[}", "").replaceAll("{*}", "")
        .replaceAll("-{}-", "--").replaceAll("-{}-", "--").replaceAll(/\\[&%$#_{}]/g, "");
      assert.doesNotMatch(rest, /[\\{}%&$#_^~<>|"[*\n]/);
    }));
  });
});

Deno.test("escapeMarkdown() keeps a cell a cell", () => {
  assert.equal(escapeMarkdown("a|b\n`c` <i> *d*"), "a\\|b \\`c\\` &lt;i&gt; \\*d\\*");
});
