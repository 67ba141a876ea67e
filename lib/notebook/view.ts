import { Buffer } from "node:buffer";
import { escapeHtml } from "../results/export/html.ts";
import { formatTable } from "../results/export/tables.ts";
import type { Table } from "../results/table_model.ts";

const DIGITS = 6;

/** What a cell shows: HTML in a notebook, text elsewhere. */
export class View {
  /** The same content twice. */
  constructor(
    /** For a terminal, and for readers that show no HTML. */
    readonly text: string,
    /** Needs nothing beside it: no network, no script. */
    readonly html: string,
  ) {}

  /** What Jupyter's kernel asks for. */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { "text/plain": this.text, "text/html": this.html };
  }

  /** The text, so that `console.log` is readable outside a notebook. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.text;
  }
}

/**
 * A table in a notebook: one of results with its marks and notes, or rows as plain objects, whose
 * columns are the keys in the order in which they first appear.
 *
 * @example
 * ```ts
 * import { tableView } from "@expflow/cli";
 *
 * const shown = tableView([{ lr: 0.1, runs: 3 }, { lr: 0.01, runs: 3, note: "<slow>" }]);
 * if (!shown.text.includes("0.01") || !shown.html.includes("&lt;slow&gt;")) {
 *   throw new Error(shown.text);
 * }
 * ```
 */
export function tableView(table: Table | readonly object[]): View {
  const model = "rows" in table ? table : tableOf(table);
  if (model.columns.length === 0) return new View("no rows", "<p>no rows</p>");
  return new View(formatTable(model, "text"), aligned(formatTable(model, "html")));
}

/** Notebooks align every cell to the right unless it says otherwise itself. */
function aligned(html: string): string {
  return html.replaceAll(/<(t[hd])>/g, '<$1 style="text-align:left">');
}

function tableOf(rows: readonly object[]): Table {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const numeric = (name: string) =>
    rows.every((row) => ["number", "undefined"].includes(typeof valueOf(row, name)));
  return {
    columns: names.map((name) => ({ name, kind: numeric(name) ? "value" : "key" })),
    rows: rows.map((row) => names.map((name) => ({ text: textOf(valueOf(row, name)) }))),
    notes: [],
  };
}

function valueOf(row: object, name: string): unknown {
  return (row as Record<string, unknown>)[name];
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (typeof value === "number") return String(Number(value.toPrecision(DIGITS)));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * A picture in a notebook: an SVG as text, or a PNG as bytes. It is an image inside HTML, which VS
 * Code shows as well, and pictures of one page do not get into each other's way.
 *
 * @param title what it shows, in a few words, for those who cannot see it.
 *
 * @example
 * ```ts
 * import { plotDesign, pictureView } from "@expflow/cli";
 *
 * const svg = await plotDesign([{ lr: 0.1, width: 8 }, { lr: 0.01, width: 16 }]);
 * const { html, text } = pictureView(svg, "two runs");
 * if (!html.startsWith('<img alt="two runs" src="data:image/svg+xml;base64,')) throw new Error(html);
 * if (text !== "[picture: two runs]") throw new Error(text);
 * ```
 */
export function pictureView(picture: string | Uint8Array, title: string): View {
  const type = typeof picture === "string" ? "image/svg+xml" : "image/png";
  const data = Buffer.from(picture as string).toString("base64");
  const image = `<img alt="${escapeHtml(title)}" src="data:${type};base64,${data}">`;
  return new View(`[picture: ${title}]`, image);
}
