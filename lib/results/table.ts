import { styleText } from "node:util";
import { ARROWS, type Cell, type Column, type Table } from "./table_model.ts";
import { pad, printable, textWidth } from "./text_width.ts";

const GAP = "  ";
/** How a table is drawn. */
export interface TableStyle {
  /** Columns of the terminal; no limit unless told. */
  width?: number;
  /** Whether the best cells are bold; off unless told. */
  color?: boolean;
}

interface DrawnColumn {
  at: number;
  head: string;
  cells: string[];
  width: number;
  side: "left" | "right";
}

/**
 * Draws a table as text: the best cells with an arrow, metrics with an arrow for the better
 * direction. Columns that do not fit are left out and named below. No line feed at the end.
 */
export function renderTable(table: Table, style: TableStyle = {}): string {
  const drawn = table.columns.map((_, at) => drawColumn(table, at));
  const kept = fitting(table.columns, drawn, style.width ?? Infinity);
  const line = (text: (column: DrawnColumn) => string) => kept.map(text).join(GAP).trimEnd();
  const body = table.rows.map((row, number) =>
    line(({ at, cells, width, side }) => {
      const text = pad(cells[number]!, width, side);
      return style.color && row[at]!.best ? text.replace(/\S.*\S|\S/, bold) : text;
    })
  );
  const dropped = table.columns.filter((_, at) => !kept.includes(drawn[at]!));
  const notes = dropped.length === 0 ? table.notes : [
    ...table.notes,
    `not shown, too wide: ${dropped.map(({ name }) => printable(name)).join(", ")}`,
  ];
  return [
    line(({ head, width, side }) => pad(head, width, side)),
    "─".repeat(totalWidth(kept)),
    ...body,
    ...(notes.length > 0 ? ["", ...notes] : []),
  ].join("\n");
}

function drawColumn({ columns, rows }: Table, at: number): DrawnColumn {
  const marks = rows.map((row) => marksOf(row[at]!));
  const room = marks.reduce((most, mark) => Math.max(most, mark.length), 0);
  const cells = rows.map((row, number) => printable(row[at]!.text) + marks[number]!.padEnd(room));
  const { name, direction, kind } = columns[at]!;
  const head = printable(name) + (direction ? ARROWS[direction] : "") + " ".repeat(room);
  const width = cells.reduce((most, cell) => Math.max(most, textWidth(cell)), textWidth(head));
  const right = kind === "value" || rows.every((row) => isNumeric(row[at]!));
  return { at, head, cells, width, side: right ? "right" : "left" };
}

/** What stands behind a number; the numbers of a column stay aligned. */
function marksOf({ n, best, mark = "" }: Cell): string {
  return mark + (n === undefined ? "" : ` (n=${n})`) + (best ? " ←" : "");
}

function isNumeric({ text }: Cell): boolean {
  return text === "" || Number.isFinite(Number(text));
}

function bold(text: string): string {
  return styleText("bold", text, { validateStream: false });
}

function totalWidth(columns: DrawnColumn[]): number {
  return columns.reduce((sum, { width }) => sum + width + GAP.length, -GAP.length);
}

/** Columns are given up from the right: metrics first, then keys; never the first one. */
function fitting(columns: readonly Column[], drawn: DrawnColumn[], limit: number): DrawnColumn[] {
  const rank = ({ at }: DrawnColumn) => (columns[at]!.kind === "value" ? columns.length : 0) + at;
  const order = drawn.slice(1).sort((a, b) => rank(b) - rank(a));
  let kept = drawn;
  for (const column of order) {
    if (totalWidth(kept) <= limit) break;
    kept = kept.filter((other) => other !== column);
  }
  return kept;
}
