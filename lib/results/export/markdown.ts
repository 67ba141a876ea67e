import { aggregate } from "../aggregate.ts";
import { groupTable } from "../group_table.ts";
import { ARROWS, type Cell, type Column, type Table } from "../table_model.ts";
import type { TextExporter } from "./exporter.ts";

/** A table for GitHub and friends: mean ± std over seeds, the best bold. */
export const markdownExporter: TextExporter = {
  format: "md",
  extensions: [".md", ".markdown"],
  render: (records, options) => markdownTable(groupTable(aggregate(records, options), options)),
};

/** A table with its notes as a list below; the best bold, the second underlined. */
export function markdownTable({ columns, rows, notes }: Table): string {
  const lines = [
    columns.map(heading),
    columns.map(({ kind, name }) => kind === "value" || name === "n" ? "---:" : "---"),
    ...rows.map((row) => row.map(cell)),
  ].map((cells) => `| ${cells.join(" | ")} |`);
  const below = notes.map((note) => `- ${escapeMarkdown(note)}`);
  return [...lines, ...(below.length > 0 ? ["", ...below] : []), ""].join("\n");
}

function heading({ name, direction }: Column): string {
  return escapeMarkdown(name) + (direction ? ARROWS[direction] : "");
}

function cell({ text, n, best, second, mark }: Cell): string {
  const full = escapeMarkdown(text) + (n === undefined ? "" : ` (n=${n})`);
  const stars = mark === undefined ? "" : `<sup>${escapeMarkdown(mark)}</sup>`;
  return (best ? `**${full}**` : second ? `<u>${full}</u>` : full) + stars;
}

/** Text that Markdown shows as it is, on one line. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, " ")
    .replaceAll(/[\\`*_{}[\]<>#|~&]/g, (found) => ENTITIES[found] ?? `\\${found}`);
}

const ENTITIES: Record<string, string> = { "<": "&lt;", ">": "&gt;", "&": "&amp;" };
