import { extname } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { renderTable } from "../table.ts";
import type { Table } from "../table_model.ts";
import { htmlPage, htmlTable } from "./html.ts";
import { latexTable } from "./latex.ts";
import { markdownTable } from "./markdown.ts";

/** How a table is written: for a terminal, Markdown, LaTeX (booktabs), or a part of a page. */
export type TableFormat = "text" | "md" | "tex" | "html";

const FORMATS: Record<TableFormat, (table: Table) => string> = {
  text: renderTable,
  md: markdownTable,
  tex: latexTable,
  html: htmlTable,
};

/**
 * Writes a table for people: the best of a column marked or bold, the second underlined, stars of a
 * test, notes.
 *
 * @example
 * ```ts
 * import { formatTable, type ResultRecord, resultsTable } from "@expflow/cli";
 *
 * const records = ["r18", "r50"].map((model, run): ResultRecord => ({
 *   experiment: "exp001",
 *   run,
 *   state: "completed",
 *   params: { model },
 *   metrics: { acc: { last: 0.9 + run / 100, source: "result.json" } },
 *   jobs: {},
 *   sources: [],
 *   problems: [],
 * }));
 * const { table } = resultsTable(records, { rows: ["model"], metrics: ["acc"] });
 * const latex = formatTable(table, "tex");
 * if (!latex.includes("r50 & $\\mathbf{0.9100}$")) throw new Error(latex);
 * ```
 */
export function formatTable(table: Table, format: TableFormat): string {
  return FORMATS[format](table);
}

const FILES: Record<string, (table: Table) => string> = {
  ".md": markdownTable,
  ".tex": latexTable,
  ".html": htmlPage,
};

/** What writes a table for people to a file, by its extension. @throws {UsageError} for others. */
export function tableExporter(path: string): (table: Table) => string {
  const extension = extname(path).toLowerCase();
  if (Object.hasOwn(FILES, extension)) return FILES[extension]!;
  const known = Object.keys(FILES).join(", ");
  throw new UsageError(
    `Cannot write a table to ${path}: ${extension || "no extension"} is no format of tables`,
    { hint: `name a file that ends in ${known}` },
  );
}
