import type { HarvestFile, HarvestSpec } from "../core/experiment.ts";
import { matchesPattern } from "../core/patterns.ts";
import { readerFor, READERS } from "./readers/formats.ts";
import type { Group, Reader, SourceFile } from "./readers/reader.ts";
import type { RunFolder } from "./run_folder.ts";

/** Where the output of a run's stage is, absolute. */
export interface HarvestLogs {
  stdout?: string;
  stderr?: string;
}

/** Files to be read as one series, and how. */
export interface Source {
  /** As it is named in records. */
  name: string;
  reader: Reader;
  files: SourceFile[];
  /** Metrics to keep; all when empty. */
  keep: readonly string[];
  /** Put before the name of each metric. */
  prefix: string;
}

/** What there is to read in a run's folder. */
export interface Located {
  sources: Source[];
  /** Files that were required and cannot be read. */
  missing: string[];
  problems: string[];
}

/** Finds the files that `spec` declares, or the usual ones when it declares none. */
export function locate(folder: RunFolder, logs: HarvestLogs, spec: HarvestSpec): Located {
  const located: Located = { sources: [], missing: [], problems: [] };
  if (spec.files.length === 0) locateUsual(folder, located);
  for (const declared of spec.files) locateDeclared(folder, logs, declared, located);
  return located;
}

function locateDeclared(
  folder: RunFolder,
  logs: HarvestLogs,
  declared: HarvestFile,
  located: Located,
): void {
  const { path, format, patterns, metrics, required } = declared;
  const keep = metrics.length > 0 ? metrics : Object.keys(patterns);
  const log = format === "regex" ? logOf(path, logs) : undefined;
  if (log !== undefined) {
    const reader = readerFor(format);
    const found = findLog(log);
    if ("path" in found) {
      const file = { path: found.path, name: path, patterns, folder };
      located.sources.push({ name: path, reader, files: [file], keep, prefix: "" });
      return;
    }
    if ("refused" in found) located.problems.push(`${path}: ${found.refused}`);
  } else {
    const before = { sources: located.sources.length, problems: located.problems.length };
    for (const group of groupsAt(folder, declared)) addGroup(folder, declared, group, located);
    if (located.sources.length > before.sources) return;
    if (located.problems.length > before.problems) {
      if (required) located.missing.push(path);
      return;
    }
  }
  if (!required) return;
  located.missing.push(path);
  located.problems.push(`${path}: is required, but the run has no such file`);
}

/** What a declared path means: a file; for formats of several files a folder too; a pattern. */
function groupsAt(folder: RunFolder, { path, format }: HarvestFile): Group[] {
  const reader = readerFor(format);
  const found = folder.open(path);
  const below = folderAt(path);
  if ("refused" in found && reader.gather && below !== undefined) {
    return gathered(
      reader,
      folder,
      (name) => name.startsWith(below) && reader.usual.some((usual) => usual.path.test(name)),
    );
  }
  if (!("missing" in found) || !path.includes("*")) return [alone(path)];
  return gathered(reader, folder, (name) => matchesPattern(path, name));
}

function gathered(reader: Reader, folder: RunFolder, wanted: (name: string) => boolean): Group[] {
  const paths = folder.files.map(({ path }) => path).filter(wanted);
  if (paths.length === 0) return [];
  return reader.gather?.(paths) ?? paths.map(alone);
}

/** How the paths below a folder begin; nothing for a path that leaves the run's. */
function folderAt(path: string): string | undefined {
  if (path === ".") return "";
  return path.startsWith("/") || path.split("/").includes("..")
    ? undefined
    : `${path.replace(/\/+$/, "")}/`;
}

function alone(path: string): Group {
  return { name: path, paths: [path], prefix: "" };
}

function addGroup(
  folder: RunFolder,
  { format, patterns, metrics }: Pick<HarvestFile, "format" | "patterns" | "metrics">,
  { name, paths, prefix }: Group,
  located: Located,
): void {
  const files: SourceFile[] = [];
  for (const path of paths) {
    const found = folder.open(path);
    if ("path" in found) files.push({ path: found.path, name: path, patterns, folder });
    else if ("refused" in found) located.problems.push(`${path}: ${found.refused}`);
  }
  if (files.length === 0) return;
  const keep = metrics.length > 0 ? metrics : Object.keys(patterns);
  located.sources.push({ name, reader: readerFor(format), files, keep, prefix });
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

function locateUsual(folder: RunFolder, located: Located): void {
  const names = [...folder.files.map(({ path }) => path), ...folder.links];
  for (const reader of READERS) {
    const matching = [
      ...new Set(reader.usual.flatMap(({ path }) => names.filter((name) => path.test(name)))),
    ];
    if (matching.length === 0) continue;
    const { format } = reader;
    for (const group of reader.gather?.(matching) ?? matching.map(alone)) {
      addGroup(folder, { format, patterns: {}, metrics: [] }, group, located);
    }
  }
  if (located.sources.length === 0 && located.problems.length === 0) {
    const looked = READERS.flatMap(({ usual }) => usual.map(({ name }) => name)).join(", ");
    located.problems.push(`no metrics: none of ${looked} is in the run's folder`);
  }
}
