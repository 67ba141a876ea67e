import { oneLine, pad, textWidth } from "../results/text_width.ts";

/**
 * Columns of text, aligned; columns whose cells are all numbers to the right. The last column is
 * cut where the terminal ends, so that one row is one line; what would steer the terminal is escaped.
 */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): string {
  const all = [head, ...rows].map((row) => row.map(oneLine));
  const widths = head.map((_, i) =>
    all.reduce((most, row) => Math.max(most, textWidth(row[i] ?? "")), 0)
  );
  const numeric = head.map((_, i) => rows.length > 0 && rows.every((row) => isNumber(row[i])));
  return all.map((row) => {
    const cells = row.map((cell, i) => pad(cell, widths[i]!, numeric[i] ? "right" : "left"));
    return `${cut(cells.join("  ").trimEnd(), columns)}\n`;
  }).join("");
}

function isNumber(cell: string | undefined): boolean {
  return cell === undefined || cell === "" || /^-?\d+(\.\d+)?%?$/.test(cell);
}

function cut(line: string, columns: number): string {
  if (textWidth(line) <= columns) return line;
  let room = columns - 1;
  const letters = Array.from(line);
  const end = letters.findIndex((letter) => (room -= textWidth(letter)) < 0);
  return `${letters.slice(0, end).join("")}…`;
}
