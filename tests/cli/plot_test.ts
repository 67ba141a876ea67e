import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { readPng, select } from "../results/svg_support.ts";
import { browse, chromium } from "./chromium.ts";
import { git, Sandbox, writeExperiment } from "./harness.ts";

const HOSTILE = `<script>document.title="owned"</script>`;

/** 2 models × 2 rates × 2 seeds with curves, and 2 runs that fail, out of changed code. */
async function swept(box: Sandbox): Promise<string> {
  const code = join(box.root, "code");
  Deno.mkdirSync(code);
  Deno.writeTextFileSync(
    join(code, "train.sh"),
    `set -eu
[ "$2" != 9 ] || { echo "torch.cuda.OutOfMemoryError: CUDA out of memory. <script>" >&2; exit 1; }
for epoch in 1 2 3; do
  echo "{\\"epoch\\": $epoch, \\"loss\\": $2.$((9 - epoch))$3, \\"acc\\": 0.$epoch$2$3}"
done > "$EXPFLOW_RUN_DIR/metrics.jsonl"
`,
  );
  await git(code, "init", "-q");
  await git(code, "add", ".");
  await git(code, "commit", "-qm", "one");
  Deno.writeTextFileSync(join(code, "notes.txt"), "new\n");
  const project = await box.project();
  writeExperiment(
    project,
    "exp001",
    `description: ${JSON.stringify(HOSTILE)}
command: bash train.sh {params.model} {params.lr} {params.seed}
args: none
workdir: ${JSON.stringify(code)}
resources: { time: 10m, cpus_per_task: 1 }
params: { note: ${JSON.stringify(HOSTILE)} }
sweep:
  grid:
    model: [r18, ${JSON.stringify(`r50${HOSTILE}`)}]
    lr: [1, 2, 9]
  seeds: 2
harvest: metrics.jsonl
`,
  );
  await box.run(["submit", "exp001", "--wait", "--yes"], { cwd: project });
  return project;
}

Deno.test("plot and report, from a sweep to pictures and a page", async (t) => {
  await using box = new Sandbox();
  const cwd = await swept(box);
  await box.ok(["harvest", "exp001"], { cwd });

  await t.step("curves: a line for each set of parameters", async () => {
    const { out } = await box.ok(["plot", "curves", "exp001", "--metric", "loss"], { cwd });
    equal(out, "exp001.curves.svg\n");
    const svg = Deno.readTextFileSync(join(cwd, "exp001.curves.svg"));
    equal(select(svg, '[aria-label="line"]').length, 4);
    match(svg, /n = 2 runs/);
    match(svg, /left out: 4 not completed/);
  });
  await t.step("bars as PNG of a column, 300 dpi", async () => {
    const args = [
      "plot",
      "bars",
      "--metric",
      "acc",
      "--x",
      "lr",
      "-o",
      "acc.png",
      "--width",
      "85mm",
    ];
    const { out } = await box.ok([...args, "--json"], { cwd });
    deepEqual(JSON.parse(out), { file: join(cwd, "acc.png"), format: "png" });
    const { width, pixels } = await readPng(Deno.readFileSync(join(cwd, "acc.png")));
    ok(Math.abs(width - 1003) <= 1, `${width} pixels`);
    ok(new Set(pixels).size > 50, "it is not blank");
  });
  await t.step("errors are one line with a hint", async () => {
    const cases = [
      [["plot", "bars", "--metric", "acb"], /Cannot find "acb".*\nhint: did you mean "acc"/],
      [["plot", "curves", "exp001", "--metric", "los"], /Cannot plot.*\nhint: did you mean "loss"/],
      [["plot", "bars", "--metric", "acc", "-o", "x.gif"], /\.gif is no format.*\nhint: .*\.png/],
      [["plot", "bars", "--metric", "acc", "--width", "9mm"], /as a size.*\nhint: as in 85mm/],
      [["plot", "gpu-hours"], /12 took none.*\nhint: --device cpu/],
    ] as const;
    for (const [args, message] of cases) {
      const { code, err, out } = await box.run([...args], { cwd });
      deepEqual([code, out], [2, ""], args.join(" "));
      match(err, message);
    }
  });

  await t.step("a folder in the place of the file is told as such", async () => {
    Deno.mkdirSync(join(cwd, "pictures.svg"));
    for (const args of [["plot", "bars", "--metric", "acc"], ["report", "exp001"]]) {
      const { code, err } = await box.run([...args, "-o", "pictures.svg"], { cwd });
      equal(code, 7, err);
      match(err, /error: Cannot write .*pictures\.svg.*\nhint: it is a folder: name a file\n$/);
    }
  });

  const path = join(cwd, "experiments/results/exp001.html");
  await t.step("report", async () => {
    const { out } = await box.ok(["report", "exp001", "--metric", "loss", "--json"], { cwd });
    const { bytes, ...report } = JSON.parse(out);
    deepEqual(report, { path, runs: 12, metric: "loss" });
    const page = Deno.readTextFileSync(path);
    equal(new TextEncoder().encode(page).length, bytes);
    ok(!page.includes("<script"), "everything is escaped");
    for (const told of [/12: .*8 completed/, /CUDA OOM/, /notes\.txt \+1 −0/, /git -C/, /Holm/]) {
      match(page, told);
    }
    equal(page.match(/<figure/g)?.length, 5);
    match(page, /Not drawn:.*GPU-hours/);
    equal(page.match(/(?:src|href)="(?!#)/g), null, "nothing is loaded");
  });
  const browser = chromium("the report in a browser");
  await t.step({
    name: "the page in Chromium: no script runs, it is not blank",
    ignore: browser === undefined,
    fn: async () => {
      const dom = await browse(browser!, path, ["--dump-dom"]);
      match(dom, /<title>exp001<\/title>/);
      for (const [name, size] of [["wide", "1200,3000"], ["phone", "420,3000"]] as const) {
        const picture = join(box.root, `${name}.png`);
        await browse(browser!, path, [`--window-size=${size}`, `--screenshot=${picture}`]);
        const { pixels } = await readPng(Deno.readFileSync(picture));
        ok(new Set(pixels).size > 100, `${name} is not blank`);
      }
    },
  });
});
