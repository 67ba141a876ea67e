import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../cli/harness.ts";

/** A notebook as Jupyter keeps it; what is not looked at is left out. */
export interface Notebook {
  cells: Cell[];
  metadata: { kernelspec: { name: string; language: string } };
}

/** A cell; code has outputs. */
export interface Cell {
  cell_type: "code" | "markdown";
  id: string;
  source: string[];
  execution_count?: number | null;
  outputs?: Output[];
}

/** One output of a cell. */
export interface Output {
  output_type: "stream" | "display_data" | "execute_result" | "error";
  data?: Record<string, string | string[]>;
  text?: string | string[];
}

/** Folder of the notebooks. */
export const NOTEBOOKS = join(ROOT, "notebooks");

/** File names of the notebooks. */
export function notebookNames(): string[] {
  return [...Deno.readDirSync(NOTEBOOKS)].map(({ name }) => name)
    .filter((name) => name.endsWith(".ipynb")).sort();
}

/** Reads a notebook. */
export function readNotebook(path: string): Notebook {
  return JSON.parse(Deno.readTextFileSync(path));
}

/** The sources of the code cells. */
export function codeOf({ cells }: Notebook): string[] {
  return cells.filter(({ cell_type }) => cell_type === "code").map(({ source }) => source.join(""));
}

/** Pictures inside HTML, decoded. */
export function picturesIn(html: string): string[] {
  return Array.from(
    html.matchAll(/<img alt="[^"]+" src="data:image\/(?:svg\+xml|png);base64,([^"]+)"/g),
    ([, data]) => atob(data!),
  );
}

/** What is wrong with a picture that should show something; `undefined` when nothing is. */
export function emptiness(svg: string): string | undefined {
  const marks = svg.match(/<(circle|path|line|rect|text)\b/g)?.length ?? 0;
  return svg.includes("<svg ") && marks >= 10 ? undefined : `${marks} marks in ${svg.slice(0, 80)}`;
}

/** The code cells as one module behind a prelude; the API is imported from this repository. */
export function asModule(cells: readonly string[], prelude: string): string {
  const body = cells.map((cell, at) => `// cell ${at + 1}\n${cell}\n`).join("\n")
    .replaceAll('"../mod.ts"', JSON.stringify(pathToFileURL(join(ROOT, "mod.ts")).href));
  return `${prelude}\n${body}\n__finish();\n`;
}
