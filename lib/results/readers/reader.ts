import type { HarvestFile } from "../../core/experiment.ts";
import type { Sink } from "../series.ts";

/** A file to read metrics from. */
export interface SourceFile {
  /** Absolute, resolved. */
  path: string;
  /** As it is named in problems and records. */
  name: string;
  /** For `regex`: metric → expression with one group. */
  patterns: Record<string, string>;
}

/**
 * A format that metrics can be in. A new one is one file in this folder and one line in
 * `formats.ts`.
 */
export interface Reader {
  format: HarvestFile["format"];
  /** Files looked for when an experiment declares none. */
  defaults: readonly string[];
  /** Whether a row is a step of a series, or the file one result. */
  series: boolean;
  /**
   * Hands each row to `sink`.
   *
   * @returns problems, one line each: `file:line: what was found`. Errors of the file system throw.
   */
  read(file: SourceFile, sink: Sink): string[];
}
