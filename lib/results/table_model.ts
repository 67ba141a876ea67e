import type { NumberText } from "./numbers.ts";
import type { Direction } from "./records.ts";

/** Behind the name of a metric: which way is better. */
export const ARROWS: Record<Direction, string> = { min: " ↓", max: " ↑" };

/** A column; what identifies a row stays longest when a terminal is narrow. */
export interface Column {
  /** Its heading. */
  name: string;
  /** Whether it identifies the row, or says something of it. */
  kind: "key" | "value";
  /** For metrics: which way is better. */
  direction?: Direction;
}

/** A cell; `number` is there for exporters that typeset it. */
export interface Cell {
  /** What people read. */
  text: string;
  /** The same in parts. */
  number?: NumberText;
  /** Shown where it differs from the row's own count. */
  n?: number;
  /** The best of its column. */
  best?: boolean;
  /** The second of its column. */
  second?: boolean;
  /** Stars of a test, see the notes. */
  mark?: string;
}

/** A table for people, before it is text, Markdown or LaTeX. */
export interface Table {
  /** From left to right. */
  columns: Column[];
  /** A cell for each column. */
  rows: Cell[][];
  /** What a reader must know: what was left out, and what is the same in all rows. */
  notes: string[];
}
