import { aggregate } from "../aggregate.ts";
import { groupTable } from "../group_table.ts";
import { ARROWS, type Cell, type Column, type Table } from "../table_model.ts";
import { oneLine } from "../text_width.ts";
import type { TextExporter } from "./exporter.ts";

const STYLE = `body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; }
table { border-collapse: collapse; border-block: 2px solid; }
th, td { padding: 0.25em 0.8em; text-align: left; }
thead { border-bottom: 1px solid; }
.value { text-align: right; font-variant-numeric: tabular-nums; }
.notes { color: #555; font-size: 13px; }`;

/** A page of one table that needs nothing beside it: mean ± std over seeds, the best bold. */
export const htmlExporter: TextExporter = {
  format: "html",
  extensions: [".html", ".htm"],
  render: (records, options) => htmlPage(groupTable(aggregate(records, options), options)),
};

/** A page with a table: the best bold, the second underlined, what a reader must know below. */
export function htmlPage(table: Table): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    '<meta charset="utf-8">',
    "<title>Results</title>",
    `<style>\n${STYLE}\n</style>`,
    htmlTable(table),
    "</html>",
    "",
  ].join("\n");
}

/** The table alone, to put into a page. */
export function htmlTable({ columns, rows, notes }: Table): string {
  const head = columns.map((column) => `<th${classOf(column)}>${headingOf(column)}</th>`).join("");
  const body = rows.map((row) =>
    `<tr>${row.map((cell, at) => `<td${classOf(columns[at]!)}>${cellOf(cell)}</td>`).join("")}</tr>`
  );
  const below = notes.map((note) => `<li>${escapeHtml(note)}</li>`);
  return [
    "<table>",
    `<thead><tr>${head}</tr></thead>`,
    "<tbody>",
    ...body,
    "</tbody>",
    "</table>",
    ...(below.length > 0 ? [`<ul class="notes">${below.join("")}</ul>`] : []),
  ].join("\n");
}

function classOf({ kind, name }: Column): string {
  return kind === "value" || name === "n" ? ' class="value"' : "";
}

function headingOf({ name, direction }: Column): string {
  return escapeHtml(name) + (direction ? ARROWS[direction] : "");
}

function cellOf({ text: raw, n, best, second, mark }: Cell): string {
  const text = oneLine(raw);
  const number = best
    ? `<b>${escapeHtml(text)}</b>`
    : second
    ? `<u>${escapeHtml(text)}</u>`
    : escapeHtml(text);
  const stars = mark === undefined ? "" : `<sup>${escapeHtml(mark)}</sup>`;
  return number + stars + (n === undefined ? "" : ` (n=${n})`);
}

const ENTITIES: Record<string, string> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that HTML shows as it is, in an attribute too. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[<>&"']/g, (found) => ENTITIES[found]!);
}
