/**
 * Columns of text, aligned; columns whose cells are all numbers to the right. The last column is
 * cut where the terminal ends, so that one row is one line.
 */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): string {
  const all = [head, ...rows].map((row) => row.map(printable));
  const widths = head.map((_, i) =>
    all.reduce((most, row) => Math.max(most, width(row[i] ?? "")), 0)
  );
  const numeric = head.map((_, i) => rows.length > 0 && rows.every((row) => isNumber(row[i])));
  return all.map((row) => {
    const cells = row.map((cell, i) => {
      const space = " ".repeat(widths[i]! - width(cell));
      return numeric[i] ? space + cell : cell + space;
    });
    return `${cut(cells.join("  ").trimEnd(), columns)}\n`;
  }).join("");
}

/** A text as one line that moves no cursor: control characters as JSON writes them. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (one) => {
    const written = JSON.stringify(one).slice(1, -1);
    return written === one ? `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}` : written;
  });
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
