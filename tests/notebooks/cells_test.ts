import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { importsOf } from "../architecture/imports.ts";
import { ROOT, Sandbox } from "../cli/harness.ts";
import {
  asModule,
  codeOf,
  emptiness,
  notebookNames,
  NOTEBOOKS,
  picturesIn,
  readNotebook,
} from "./notebook.ts";

const PRELUDE = Deno.readTextFileSync(join(import.meta.dirname!, "prelude.ts"));
/** What each notebook shows: pictures, and whether a display that moves. */
const SHOWS: Record<string, { pictures: number; live: boolean }> = {
  "cluster_tour.ipynb": { pictures: 0, live: false },
  "results_analysis.ipynb": { pictures: 2, live: true },
  "sweep_design.ipynb": { pictures: 2, live: true },
};

/** A message to everybody who looks at the notebook. */
interface Sent {
  type: string;
  content: { data: Record<string, string> };
}

Deno.test("every notebook is one that the tests know", () => {
  deepEqual(notebookNames(), Object.keys(SHOWS).sort());
});

Deno.test("the cells of all notebooks have no type errors", async () => {
  await using box = new Sandbox();
  const entries = notebookNames().map((name) => {
    const entry = join(box.root, `${name}.ts`);
    Deno.writeTextFileSync(entry, asModule(codeOf(readNotebook(join(NOTEBOOKS, name))), PRELUDE));
    return entry;
  });
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--config", join(ROOT, "deno.json"), ...entries],
    clearEnv: true,
    env: box.env,
  }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
});

for (const name of notebookNames()) {
  const notebook = readNotebook(join(NOTEBOOKS, name));

  Deno.test(`${name} is for Deno's kernel, has no outputs, and imports the API only`, () => {
    equal(notebook.metadata.kernelspec.name, "deno");
    for (const { cell_type, execution_count, outputs, id } of notebook.cells) {
      if (cell_type !== "code") continue;
      deepEqual([execution_count, outputs], [null, []], `cell ${id} has outputs`);
    }
    deepEqual([...new Set(codeOf(notebook).flatMap(importsOf))], ["../mod.ts"]);
    equal(notebook.cells[0]!.cell_type, "markdown");
    for (const source of codeOf(notebook)) ok(source.split("\n").length <= 60, source);
  });

  Deno.test(`${name}: its cells run in order, and leave nothing behind`, async () => {
    await using box = new Sandbox();
    const temporary = join(box.root, "tmp");
    Deno.mkdirSync(temporary);
    const entry = join(box.root, "cells.ts");
    const result = join(box.root, "shown.json");
    Deno.writeTextFileSync(entry, asModule(codeOf(notebook), PRELUDE));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", join(ROOT, "deno.json"), entry, result],
      cwd: box.root,
      clearEnv: true,
      env: { ...box.env, TMPDIR: temporary },
    }).output();
    const decoder = new TextDecoder();
    equal(code, 0, decoder.decode(stdout) + decoder.decode(stderr));
    const sent: Sent[] = JSON.parse(Deno.readTextFileSync(result));
    const html = sent.map(({ content }) => content.data["text/html"]!);
    for (const one of html) match(one, /<tbody>\n<tr>|<img |<div /);
    const pictures = html.flatMap(picturesIn);
    equal(pictures.length, SHOWS[name]!.pictures);
    deepEqual(pictures.flatMap((svg) => emptiness(svg) ?? []), []);
    const bars = sent.map(({ content }) => content.data["text/plain"]!)
      .filter((text) => text.startsWith("["))
      .filter((text) => !text.startsWith("[picture"));
    equal(bars.length > 0, SHOWS[name]!.live);
    if (bars.length > 0) {
      ok(sent.some(({ type }) => type === "update_display_data"));
      match(bars.at(-1)!, /^\[#{24}\] (\d+)\/\1 {2}\1 completed$/);
    }
    deepEqual([...Deno.readDirSync(temporary)].map((entry) => entry.name), []);
  });
}
