import type { AggregateOptions } from "../aggregate.ts";
import type { ResultRecord } from "../records.ts";

/** How results are exported; formats for data ignore it. */
export interface ExportOptions extends AggregateOptions {
  /** Metrics that a table for people shows, in this order; all when absent. */
  metrics?: readonly string[];
}

/**
 * A format to export to. A new one is one file in this folder and one line in `formats.ts`.
 */
export interface Exporter {
  format: string;
  /** File name endings, with the dot. */
  extensions: readonly string[];
  /** Writes records as text that ends in a line feed. */
  render(records: readonly ResultRecord[], options: ExportOptions): string;
}
