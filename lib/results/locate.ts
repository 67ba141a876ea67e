import type { HarvestFile, HarvestSpec } from "../core/experiment.ts";
import { confine } from "./confine.ts";
import { readerFor, READERS } from "./readers/formats.ts";
import type { Reader, SourceFile } from "./readers/reader.ts";

/** Where the output of a run's stage is, absolute. */
export interface HarvestLogs {
  stdout?: string;
  stderr?: string;
}

/** A file to be read, and how. */
export interface Source {
  reader: Reader;
  file: SourceFile;
  /** Metrics to keep; all when empty. */
  keep: readonly string[];
}

/** What there is to read in a run's folder. */
export interface Located {
  sources: Source[];
  /** Files that were required and cannot be read. */
  missing: string[];
  problems: string[];
}

/** Finds the files that `spec` declares, or the default ones when it declares none. */
export function locate(folder: string, logs: HarvestLogs, spec: HarvestSpec): Located {
  return spec.files.length > 0 ? locateDeclared(folder, logs, spec.files) : locateDefaults(folder);
}

function locateDeclared(folder: string, logs: HarvestLogs, files: HarvestFile[]): Located {
  const located: Located = { sources: [], missing: [], problems: [] };
  for (const { path, format, patterns, metrics, required } of files) {
    const log = format === "regex" ? logOf(path, logs) : undefined;
    const found = log === undefined ? confine(folder, path) : findLog(log);
    if ("path" in found) {
      const keep = metrics.length > 0 ? metrics : Object.keys(patterns);
      located.sources.push({
        reader: readerFor(format),
        file: { path: found.path, name: path, patterns },
        keep,
      });
      continue;
    }
    if ("refused" in found) located.problems.push(`${path}: ${found.refused}`);
    else if (required) located.problems.push(`${path}: is required, but the run has no such file`);
    if (required) located.missing.push(path);
  }
  return located;
}

function logOf(path: string, logs: HarvestLogs): string | undefined {
  return path === "stdout" || path === "stderr" ? logs[path] : undefined;
}

function findLog(path: string): { path: string } | { missing: true } | { refused: string } {
  try {
    return Deno.statSync(path).isFile ? { path } : { refused: "is not a plain file" };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { missing: true };
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

function locateDefaults(folder: string): Located {
  const located: Located = { sources: [], missing: [], problems: [] };
  const names = READERS.flatMap((reader) => reader.defaults.map((name) => ({ reader, name })));
  for (const { reader, name } of names) {
    const found = confine(folder, name);
    if ("refused" in found) located.problems.push(`${name}: ${found.refused}`);
    if (!("path" in found)) continue;
    located.sources.push({ reader, file: { path: found.path, name, patterns: {} }, keep: [] });
  }
  if (located.sources.length === 0 && located.problems.length === 0) {
    const looked = names.map(({ name }) => name).join(", ");
    located.problems.push(`no metrics: none of ${looked} is in the run's folder`);
  }
  return located;
}
