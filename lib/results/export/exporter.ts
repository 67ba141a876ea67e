import type { AggregateOptions } from "../aggregate.ts";
import type { ResultRecord } from "../records.ts";

/** How columns are named: as in expflow's tables, or as `mlflow.search_runs` has them. */
export const COLUMN_NAMES: readonly ColumnNames[] = ["expflow", "mlflow"];

/** One of {@linkcode COLUMN_NAMES}. */
export type ColumnNames = "expflow" | "mlflow";

/** How results are exported; each format takes what concerns it. */
export interface ExportOptions extends AggregateOptions {
  /** Metrics that a table for people shows, in this order; all when absent. */
  metrics?: readonly string[];
  /** Names of the columns of data; `expflow` unless told. */
  names?: ColumnNames;
}

/** What every format has. */
interface Format {
  format: string;
  /** File name endings, with the dot. */
  extensions: readonly string[];
}

/** A format that is text. */
export interface TextExporter extends Format {
  /** Writes records as text that ends in a line feed. */
  render(records: readonly ResultRecord[], options: ExportOptions): string;
}

/** A format that is not. */
export interface BinaryExporter extends Format {
  /** Writes records as the bytes of a file. */
  encode(records: readonly ResultRecord[], options: ExportOptions): Uint8Array;
}

/** A format to export to. A new one is one file in this folder and one line in `formats.ts`. */
export type Exporter = TextExporter | BinaryExporter;
