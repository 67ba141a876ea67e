import type { ParamValue } from "../core/params.ts";
import { isEnded, RUN_STATES, type RunState } from "../core/states.ts";
import { distinct, type FactorGroup, keyOf } from "../submission/by_factor.ts";
import type { StateCounts } from "./progress.ts";
import { pad, printable, textWidth } from "../results/text_width.ts";
import { textTable } from "./text_table.ts";

/** How a table is drawn. */
export interface Style {
  columns: number;
  color: boolean;
}

/** A row for each group, and a column for each state that there is. */
export function factorTable(
  factors: readonly string[],
  groups: readonly FactorGroup[],
  { columns }: Style,
): string {
  const states = RUN_STATES.filter((state) => groups.some(({ counts }) => counts[state]));
  const head = [...factors, "runs", ...states.map((state) => state.replaceAll("_", " "))];
  const rows = groups.map(({ values, counts }) => [
    ...values.map(valueText),
    String(totalOf(counts)),
    ...states.map((state) => String(counts[state] ?? "")),
  ]);
  return textTable(head, rows, columns);
}

const LEGEND = "completed/runs: · none, ░ ▒ ▓ in part, █ all; x failed, > running, ? unknown\n";

/** Rows by the first factor, columns by the second; each cell as dark as its runs are complete. */
export function factorGrid(
  [rowFactor = "", columnFactor = ""]: readonly string[],
  groups: readonly FactorGroup[],
  style: Style,
): string {
  const cells = new Map(groups.map((group) => [keyOf(group.values), group.counts]));
  const across = distinct(groups, 1);
  const body = distinct(groups, 0).map((row) => ({
    head: valueText(row),
    cells: across.map((column) => cells.get(keyOf([row, column]))),
  }));
  const heads = across.map(valueText);
  const first = Math.max(rowFactor.length, ...body.map(({ head }) => textWidth(head)));
  const widths = heads.map((head, at) =>
    Math.max(textWidth(head), ...body.map(({ cells }) => cellText(cells[at]).length))
  );
  const line = (texts: string[]): string => texts.join("  ").trimEnd() + "\n";
  return `${" ".repeat(first)}  ${columnFactor}\n` +
    line([
      rowFactor.padEnd(first),
      ...heads.map((head, at) => pad(head, widths[at]!, "left")),
    ]) +
    body.map(({ head, cells }) =>
      line([
        pad(head, first, "left"),
        ...cells.map((counts, at) => {
          const text = cellText(counts).padEnd(widths[at]!);
          return style.color && counts ? `\x1b[${colorOf(counts)}m${text}\x1b[0m` : text;
        }),
      ])
    ).join("") + LEGEND;
}

/** The least columns in which a grid is not broken. */
export function widthOf(text: string): number {
  // deno-lint-ignore no-control-regex
  const plain = text.replace(LEGEND, "").replace(/\x1b\[[0-9;]*m/g, "");
  return Math.max(...plain.split("\n").map((line) => textWidth(line)));
}

const SHADES = ["·", "░", "▒", "▓", "█"];

function cellText(counts: StateCounts | undefined): string {
  if (!counts) return "";
  const done = counts.completed ?? 0;
  const total = totalOf(counts);
  const shade = done === total ? 4 : Math.ceil(3 * done / total);
  const mark = hasFailed(counts) ? "x" : counts.unknown ? "?" : counts.running ? ">" : " ";
  return `${SHADES[shade]}${mark}${done}/${total}`;
}

function colorOf(counts: StateCounts): string {
  if (hasFailed(counts)) return "31";
  if (counts.unknown) return "35";
  if (counts.completed === totalOf(counts)) return "32";
  return counts.running ? "36" : counts.completed ? "33" : "90";
}

function hasFailed(counts: StateCounts): boolean {
  return Object.entries(counts).some(([state, count]) =>
    count > 0 && state !== "completed" && isEnded(state as RunState)
  );
}

function totalOf(counts: StateCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function valueText(value: ParamValue | undefined): string {
  if (value === undefined) return "–";
  return printable(typeof value === "string" ? value : JSON.stringify(value));
}
