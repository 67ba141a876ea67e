import { csvFormatRows, dsvFormat } from "d3-dsv";

/** Rows of cells as CSV (RFC 4180), each ended by a line feed. */
export function formatCsv(rows: string[][]): string {
  return `${csvFormatRows(rows)}\n`;
}

/** Rows of cells of a CSV file, or with another delimiter. */
export function parseDelimited(text: string, delimiter: string): string[][] {
  return dsvFormat(delimiter).parseRows(text);
}
