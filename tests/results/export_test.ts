import assert from "node:assert/strict";
import { csvParse } from "d3-dsv";
import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { UsageError } from "../../lib/core/errors.ts";
import { exporterFor, EXPORTERS, exportRows } from "../../lib/results/export/formats.ts";
import { escapeHtml, htmlPage } from "../../lib/results/export/html.ts";
import { escapeLatex } from "../../lib/results/export/latex.ts";
import { escapeMarkdown } from "../../lib/results/export/markdown.ts";
import { parquetExporter } from "../../lib/results/export/parquet.ts";
import { tableExporter } from "../../lib/results/export/tables.ts";
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
      "- not ranked: 1 mean with a run that is not finite",
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
      "% not ranked: 1 mean with a run that is not finite",
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
    ["<b> ---", "\\textless{}b\\textgreater{} -{}-{}-"],
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
        .replaceAll("-{}", "-").replaceAll(/\\[&%$#_{}]/g, "");
      assert.doesNotMatch(rest, /[\\{}%&$#_^~<>|"[*\n]/);
    }));
  });
});

Deno.test("escapeMarkdown() keeps a cell a cell", () => {
  assert.equal(escapeMarkdown("a|b\n`c` <i> *d*"), "a\\|b \\`c\\` &lt;i&gt; \\*d\\*");
});

Deno.test("parquetExporter writes what a Parquet reader has as CSV has it", async (t) => {
  const read = (records: ResultRecord[]) =>
    parquetReadObjects({ file: parquetExporter.encode(records, {}).slice().buffer });
  await t.step("values and kinds", async () => {
    const [first, second, third] = await read(RUNS);
    assert.deepEqual(
      [first?.run, first?.["optim.lr"], first?.model, first?.acc, first?.acc_best, first?.note],
      [0, 0.1, 'a,"b"', 0.9, 0.95, "=1+1"],
    );
    assert.deepEqual([second?.acc, second?.acc_best, second?.elapsed], [NaN, null, null]);
    assert.deepEqual([third?.layers, third?.acc, third?.state], ["[1,2]", null, "failed"]);
  });
  await t.step("a column of several kinds is text", async () => {
    const rows = await read([record({ depth: 3, amp: true }, {}), record({ depth: "deep" }, {})]);
    assert.deepEqual(rows.map(({ depth, amp }) => [depth, amp]), [["3", true], ["deep", null]]);
  });
  await t.step("any text and number comes back", async () => {
    const value = fc.tuple(fc.string({ unit: "grapheme" }), fc.double());
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1 }), async (values) => {
        const runs = values.map(([word, number]) =>
          record({ word }, { number: Number.isFinite(number) ? number : String(number) })
        );
        const rows = await read(runs);
        assert.deepEqual(rows.map(({ word }) => word), values.map(([word]) => word));
        rows.forEach(({ number }, at) =>
          assert.ok(Object.is(number, values[at]![1]) || number === values[at]![1])
        );
      }),
      { numRuns: 30 },
    );
  });
  await t.step("no runs", async () => assert.deepEqual(await read([]), []));
});

Deno.test("names of columns can be MLflow's", async (t) => {
  const csv = csvParse(exportRows(RUNS, "csv", { names: "mlflow" }));
  await t.step("csv", () => {
    assert.deepEqual(csv.columns, [
      ..."run_id experiment_id status start_time end_time params.seed params.optim.lr".split(" "),
      ..."params.model params.layers metrics.acc metrics.note metrics.acc_best".split(" "),
      ..."metrics.acc_best_step tags.mlflow.runName tags.mlflow.source.git.commit".split(" "),
      ..."tags.expflow.state tags.expflow.elapsed".split(" "),
    ]);
    assert.deepEqual(
      [csv[0]?.run_id, csv[0]?.status, csv[0]?.["params.optim.lr"], csv[0]?.["metrics.acc"]],
      ["exp001/0", "FINISHED", "0.1", "0.9"],
    );
    assert.deepEqual([csv[2]?.status, csv[2]?.["metrics.acc"]], ["FAILED", ""]);
  });
  await t.step("json, without what is missing", () => {
    const [first, , third] = JSON.parse(exportRows(RUNS, "json", { names: "mlflow" }));
    assert.deepEqual([first["params.seed"], first["tags.mlflow.source.git.commit"]], [0, "abc123"]);
    assert.ok(!("metrics.acc" in third));
  });
});

Deno.test("tables mark the best, the second and what a test says, in each format", () => {
  const number = (mean: string, marks = {}) => ({
    text: mean,
    number: { mean, std: "0.1" },
    ...marks,
  });
  const table = {
    columns: [{ name: "m", kind: "key" as const }, { name: "acc", kind: "value" as const }],
    rows: [
      [{ text: "a" }, number("3.0", { best: true, mark: "**", n: 2 })],
      [{ text: "b" }, number("2.0", { second: true, mark: "*" })],
      [{ text: "c" }, {
        ...number("1.0"),
        number: { mean: "1.0", std: "0.1", exponent: -6 },
        mark: "*",
      }],
    ],
    notes: ["a < b"],
  };
  const text = (path: string) => tableExporter(path)(table);
  assert.match(text("t.md"), /\*\*3\.0 \(n=2\)\*\*<sup>\\\*\\\*<\/sup>/);
  assert.match(text("t.md"), /<u>2\.0<\/u><sup>/);
  assert.match(text("t.html"), /<b>3\.0<\/b><sup>\*\*<\/sup> \(n=2\)/);
  assert.match(text("t.html"), /<u>2\.0<\/u><sup>\*<\/sup>[^]*a &lt; b/);
  const tex = text("t.tex").split("\n").filter((line) => line.includes("pm"));
  assert.deepEqual(tex, [
    "  a & $\\mathbf{3.0} \\pm 0.1^{\\ast\\ast}$ ($n=2$) \\\\",
    "  b & $\\underline{2.0} \\pm 0.1^{\\ast\\phantom{\\ast}}$ \\\\",
    "  c & $(1.0 \\pm 0.1)^{\\ast\\phantom{\\ast}} \\times 10^{-6}$ \\\\",
  ]);
  assert.throws(() => tableExporter("t.csv"), UsageError);
});

Deno.test("escapeHtml() leaves nothing that HTML would act on", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."<>&\"'a ;") }), (text) => {
    const escaped = escapeHtml(text);
    assert.doesNotMatch(escaped, /[<>"']|&(?!(lt|gt|amp|quot|#39);)/);
  }));
  const page = htmlPage({
    columns: [{ name: "<x>", kind: "key" }],
    rows: [[{ text: "</td>" }]],
    notes: [],
  });
  assert.ok(page.includes("<th>&lt;x&gt;</th>") && page.includes("<td>&lt;/td&gt;</td>"));
});

Deno.test("no value turns the text of an HTML table", () => {
  const rows = [[{ text: "\u202eevil\n\x1b" }]];
  const page = htmlPage({ columns: [{ name: "a", kind: "key" }], rows, notes: [] });
  assert.ok(page.includes("<td>\\u{202e}evil\\u{a}\\u{1b}</td>"), page);
});
