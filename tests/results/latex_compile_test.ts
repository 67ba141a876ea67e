import assert from "node:assert/strict";
import { join } from "node:path";
import { exportRows } from "../../lib/results/export/formats.ts";
import { latexTable } from "../../lib/results/export/latex.ts";
import { resultsTable } from "../../lib/results/results_table.ts";
import { record, withFolder } from "./support.ts";

const present = await installed();
if (!present) console.warn("NOT RUN: pdflatex is not here, LaTeX tables were not compiled");

async function installed(): Promise<boolean> {
  try {
    return (await new Deno.Command("pdflatex", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

const HOSTILE = [
  "50% & $5",
  "a_b^c~d",
  "{x}\\y #1",
  '[64,"a"] *',
  "<b> --- | `c'",
  "x − y ± z – w",
];

const RUNS = HOSTILE.flatMap((model, at) =>
  ["cifar_10", "100%"].flatMap((data) =>
    Array.from({ length: 8 }, (_, seed) =>
      record({ model, data, seed }, {
        acc: 0.9 + at / 100 + ((seed * 3) % 8) / 1000 + (at * seed) / 1e4,
        val_loss: 1e-7 * (9 - at + seed / 10 + (seed % 3) / 50),
      }))
  )
);

async function compile(table: string): Promise<string> {
  let pdf = "";
  const document = [
    "\\documentclass{article}",
    "\\usepackage[utf8]{inputenc}",
    "\\usepackage{booktabs}",
    "\\begin{document}",
    "\\small",
    table,
    "\\end{document}",
  ].join("\n");
  await withFolder({ "t.tex": document }, async (folder) => {
    const { success, stdout } = await new Deno.Command("pdflatex", {
      args: ["-halt-on-error", "-interaction=nonstopmode", "t.tex"],
      cwd: folder,
    }).output();
    const log = new TextDecoder().decode(stdout);
    assert.ok(success, log);
    assert.doesNotMatch(log, /Missing character|^! /m);
    pdf = new TextDecoder("latin1").decode(Deno.readFileSync(join(folder, "t.pdf")).slice(0, 5));
    const kept = Deno.env.get("EXPFLOW_KEEP_PDF");
    if (kept) Deno.copyFileSync(join(folder, "t.pdf"), kept);
  });
  return pdf;
}

Deno.test({
  name: "LaTeX tables compile, with hostile names, marks and exponents",
  ignore: !present,
  async fn(t) {
    await t.step(
      "export",
      async () => assert.equal(await compile(exportRows(RUNS, "tex")), "%PDF-"),
    );
    await t.step("table with tests", async () => {
      const { table } = resultsTable(RUNS, {
        rows: ["model"],
        cols: ["data"],
        metrics: ["acc", "val_loss"],
        test: "t",
        baseline: [HOSTILE[0]!],
      });
      assert.ok(table.rows.some((row) => row.some(({ mark }) => mark)), "nothing is marked");
      assert.equal(await compile(latexTable(table)), "%PDF-");
    });
  },
});
