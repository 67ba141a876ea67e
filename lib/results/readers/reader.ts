import type { HarvestFile } from "../../core/experiment.ts";
import type { RunFolder } from "../run_folder.ts";
import type { Sink } from "../series.ts";

/** A file to read metrics from. */
export interface SourceFile {
  /** Absolute, resolved. */
  path: string;
  /** As it is named in problems and records: relative to the run's folder. */
  name: string;
  /** For `regex`: metric → expression with one group. */
  patterns: Record<string, string>;
  /** The run's folder, for formats that are several files. */
  folder: RunFolder;
}

/** Files that are one series, such as those of a run and its restarts. */
export interface Group {
  /** As it is named in records. */
  name: string;
  /** In the order in which they were written. */
  paths: string[];
  /** Put before the name of each metric; empty unless several groups would use the same names. */
  prefix: string;
}

/** A file that programs usually write, as messages name it, and as paths in a run's folder match. */
export interface Usual {
  name: string;
  path: RegExp;
}

/**
 * A format that metrics can be in. A new one is one file in this folder and one line in
 * `formats.ts`.
 */
export interface Reader {
  format: HarvestFile["format"];
  /** Files looked for when an experiment declares none; the first group's come first. */
  usual: readonly Usual[];
  /** Whether a row is a step of a series, or the file one result. */
  series: boolean;
  /** Which of the files that match are read, and which belong together; each alone unless told. */
  gather?(paths: readonly string[]): Group[];
  /**
   * Hands each row to `sink`.
   *
   * @returns problems, one line each: `file:line: what was found`. Errors of the file system throw.
   */
  read(file: SourceFile, sink: Sink): string[];
}

/** A file with this name directly in the run's folder. */
export function atTop(name: string): Usual {
  return { name, path: new RegExp(`^${RegExp.escape(name)}$`) };
}

/** One group of files in the order of their paths, numbers in them compared as numbers. */
export function inOrder(name: string, paths: readonly string[]): Group {
  return { name, paths: paths.toSorted(byNumber.compare), prefix: "" };
}

const byNumber = new Intl.Collator("en", { numeric: true });
