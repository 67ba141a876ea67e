import { join } from "node:path";
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

const DECLARES = /^(import|const|let|for|if|class|function|await Deno|Deno)\b/;

/**
 * The code cells as one module. What a cell ends with is shown, as the kernel would, by `__show`; the
 * API is imported from this repository.
 */
export function asModule(cells: readonly string[], prelude: string): string {
  const api = `"${new URL(`file://${join(ROOT, "mod.ts")}`)}"`;
  const body = cells.map((cell, at) => `// cell ${at + 1}\n${withShow(cell)}\n`).join("\n")
    .replaceAll('"../mod.ts"', api);
  return `${prelude}\n${body}\n__finish();\n`;
}

/** `deno fmt` starts each statement in the first column, and nothing else. */
function withShow(cell: string): string {
  const lines = cell.split("\n");
  const start = lines.findLastIndex((line) => /^[A-Za-z]/.test(line));
  const last = lines.slice(start).join("\n");
  if (start < 0 || DECLARES.test(last) || !/;\s*$/.test(last)) return cell;
  return [...lines.slice(0, start), `__show(${last.replace(/;\s*$/, "")});`].join("\n");
}
