/**
 * Columns of text, aligned; columns whose cells are all numbers to the right. The last column is
 * cut where the terminal ends, so that one row is one line.
 */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => width(row[i] ?? ""))));
  const numeric = head.map((_, i) => rows.length > 0 && rows.every((row) => isNumber(row[i])));
  return all.map((row) => {
    const cells = row.map((cell, i) => {
      const space = " ".repeat(widths[i]! - width(cell));
      return numeric[i] ? space + cell : cell + space;
    });
    return `${cut(cells.join("  ").trimEnd(), columns)}\n`;
  }).join("");
}

function isNumber(cell: string | undefined): boolean {
  return cell === undefined || cell === "" || /^-?\d+(\.\d+)?%?$/.test(cell);
}

function width(text: string): number {
  return [...text].length;
}

function cut(line: string, columns: number): string {
  return width(line) <= columns ? line : `${[...line].slice(0, columns - 1).join("")}…`;
}
