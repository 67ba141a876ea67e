import { aggregate } from "../aggregate.ts";
import { groupTable } from "../group_table.ts";
import type { NumberText } from "../numbers.ts";
import type { Cell, Column, Table } from "../table_model.ts";
import type { TextExporter } from "./exporter.ts";

const ARROWS = { min: " $\\downarrow$", max: " $\\uparrow$" };

/** A `tabular` with booktabs rules: mean ± std over seeds. */
export const latexExporter: TextExporter = {
  format: "tex",
  extensions: [".tex"],
  render: (records, options) => latexTable(groupTable(aggregate(records, options), options)),
};

/** A `tabular` with booktabs rules: the best bold, the second underlined, notes as comments. */
export function latexTable({ columns, rows, notes }: Table): string {
  const alignment = columns.map(({ kind, name }) => kind === "value" || name === "n" ? "r" : "l");
  const widest = columns.map((_, at) =>
    Math.max(0, ...rows.map((row) => row[at]!.mark?.length ?? 0))
  );
  const line = (cells: string[]) => `  ${cells.join(" & ")} \\\\`;
  return [
    "% \\usepackage{booktabs}",
    ...notes.map((note) => `% ${escapeLatex(note)}`),
    `\\begin{tabular}{${alignment.join("")}}`,
    "  \\toprule",
    line(columns.map(heading)),
    "  \\midrule",
    ...rows.map((row) => line(row.map((one, at) => cell(one, widest[at]!)))),
    "  \\bottomrule",
    "\\end{tabular}",
    "",
  ].join("\n");
}

function heading({ name, direction }: Column): string {
  return escapeLatex(name) + (direction ? ARROWS[direction] : "");
}

function cell({ text, number, n, best, second, mark = "" }: Cell, widest: number): string {
  const emphasis = best ? "mathbf" : second ? "underline" : undefined;
  const body = number
    ? `$${mathNumber(number, emphasis, starsOf(mark.length, widest))}$`
    : escapeLatex(text);
  return n === undefined ? body : `${body} ($n=${n}$)`;
}

/** Stars as wide as the most of the column, so that numbers stay aligned. */
function starsOf(count: number, widest: number): string {
  if (widest === 0) return "";
  const stars = "\\ast".repeat(count);
  const rest = "\\ast".repeat(widest - count);
  return `^{${stars}${rest === "" ? "" : `\\phantom{${rest}}`}}`;
}

function mathNumber(
  { mean, std, exponent }: NumberText,
  emphasis: string | undefined,
  stars: string,
): string {
  const shown = emphasis === undefined ? mean : `\\${emphasis}{${mean}}`;
  const pair = std === undefined ? shown : `${shown} \\pm ${std}`;
  if (exponent === undefined) return pair + stars;
  return `${std === undefined ? pair : `(${pair})`}${stars} \\times 10^{${exponent}}`;
}

const COMMANDS: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  '"': "{\\char34}",
  "[": "{[}",
  "*": "{*}",
  "–": "\\textendash{}",
  "±": "$\\pm$",
  "−": "$-$",
};

/**
 * Text that LaTeX typesets as it is, on one line, at the start of a row too. Letters that the fonts
 * of a document lack are not its matter.
 */
export function escapeLatex(text: string): string {
  return text.replaceAll(/[\p{Cc}\s]+/gu, " ")
    .replaceAll(/[\\~^<>|"[*–±−]|[&%$#_{}]/gu, (found) => COMMANDS[found] ?? `\\${found}`)
    .replaceAll(/-(?=-)/g, "-{}");
}
