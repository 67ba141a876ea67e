import assert from "node:assert/strict";
import { join } from "node:path";
import { UsageError } from "../../lib/core/errors.ts";
import { lettersWithoutFont, svgToPng } from "../../lib/results/plots/png.ts";
import { plotBars } from "../../lib/results/plots/bars.ts";
import { ROOT } from "../cli/harness.ts";
import { record } from "./support.ts";
import { readPng } from "./svg_support.ts";

function textOnly(text: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="48"><text x="4" y="30" ` +
    `font-family="Helvetica, sans-serif" font-size="20">${text}</text></svg>`;
}

Deno.test("svgToPng() draws a plot in the size that was asked for", async () => {
  const records = [1, 2, 3].map((value) => record({ model: `m${value}` }, { acc: value }));
  const svg = await plotBars(records, { metric: "acc", width: 321 });
  const height = Number(/height="(\d+)"/.exec(svg)![1]);
  for (const dpi of [96, 300]) {
    const png = await readPng(new Uint8Array(await svgToPng(svg, { dpi })));
    assert.ok(Math.abs(png.width - 321 * dpi / 96) <= 1, `${png.width}`);
    assert.ok(Math.abs(png.height - height * dpi / 96) <= 1, `${png.height}`);
    assert.ok(new Set(png.pixels).size > 50, "a blank picture has a few values");
  }
});

Deno.test("svgToPng() shows text, without fonts of the machine", async () => {
  const missing = await svgToPng(textOnly("\u{f8fff}"));
  for (const text of ["acc", "µ", "±", "≤", "↑", "Ж", "é"]) {
    const png = await svgToPng(textOnly(text));
    assert.notDeepEqual(png, await svgToPng(textOnly("")), `${text} is drawn`);
    assert.notDeepEqual(png, missing, `${text} has a letter of its own`);
  }
});

Deno.test("lettersWithoutFont() names what a PNG cannot show", () => {
  assert.deepEqual(lettersWithoutFont("<text>acc µ 学習 学 🚀</text>"), ["学", "習", "🚀"]);
});

Deno.test("the files of packages that a PNG needs have the versions of deno.json", () => {
  const { imports } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  const source = Deno.readTextFileSync(join(ROOT, "lib/results/plots/png.ts"));
  for (const name of ["@resvg/resvg-wasm", "dejavu-fonts-ttf"]) {
    assert.ok(source.includes(`${imports[name]}/`), imports[name]);
  }
});

Deno.test("svgToPng() works without a network once packages are cached", async () => {
  await svgToPng(textOnly("acc")); // fills the cache
  const code = `import { svgToPng } from ${
    JSON.stringify(new URL("../../lib/results/plots/png.ts", import.meta.url).href)
  }; console.log((await svgToPng(${JSON.stringify(textOnly("acc"))})).length)`;
  const { code: exit, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--cached-only", "--no-check", code],
    cwd: ROOT,
    env: { HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" },
  }).output();
  const decoder = new TextDecoder();
  assert.equal(exit, 0, decoder.decode(stderr));
  assert.ok(Number(decoder.decode(stdout)) > 100);
});

Deno.test("svgToPng() refuses more pixels than can be drawn", async () => {
  const svg = textOnly("acc").replace('width="96" height="48"', 'width="8000" height="8000"');
  await assert.rejects(
    svgToPng(svg, { dpi: 1200 }),
    (error) => error instanceof UsageError && /100000 × 100000 pixels/.test(error.message),
  );
});
