import { ConfigError } from "../core/errors.ts";
import { namesIn, readIfThere, removeHalfWritten, writeWhole } from "../system/files.ts";
import type { Layout } from "./layout.ts";

/** Version of both files. A newer one is refused, never guessed at. */
const VERSION = 1;
const SOURCE = ".json";

/** Where an imported experiment is from. */
export interface ImportSource {
  version: typeof VERSION;
  /** The tool, as `dr_exp`. */
  from: string;
  /** Its folder, absolute. */
  folder: string;
  /** Name of the experiment there. */
  name: string;
  /** The command that was given for it; absent where none is known. */
  command?: string;
  /** State → number of runs, as it was there at the last import. */
  counts: Partial<Record<string, number>>;
  /** SHA-256 of each text that an import gave the experiment's file: any other is a user's. */
  texts: string[];
}

/** A run that another tool has, or had, one line each. */
export interface ImportedRun<Record, State extends string> {
  /** Its name in that tool. */
  id: string;
  /** Its index in the experiment. */
  run: number;
  state: State;
  /** Fingerprint of its parameters; absent where it can be no point of a sweep. */
  point?: string;
  /** Absent for a run that had not begun. */
  record?: Record;
  /** What the tool's own file says of it. */
  text: string;
}

/** Ids of imported experiments, by one listing. */
export function listImported(layout: Layout): string[] {
  return namesIn(layout.imported).filter((name) => name.endsWith(SOURCE))
    .map((name) => name.slice(0, -SOURCE.length)).sort();
}

/** Where an experiment was imported from; `undefined` for one that was not. */
export function readImportSource(layout: Layout, id: string): ImportSource | undefined {
  const path = layout.importSource(id);
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const source = JSON.parse(text) as ImportSource;
  if (source.version === VERSION) return source;
  throw new ConfigError(`Cannot read ${path}: it has version ${source.version}, not ${VERSION}`, {
    hint: "use the expflow that wrote it, or a newer one",
  });
}

/** The runs of an imported experiment; none for any other. */
export function readImported<Record, State extends string>(
  layout: Layout,
  id: string,
): ImportedRun<Record, State>[] {
  const text = readIfThere(layout.importedRuns(id)) ?? "";
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** Says where an experiment is from; before its runs are written. */
export function writeImportSource(
  layout: Layout,
  id: string,
  source: Omit<ImportSource, "version">,
): boolean {
  return writeChanged(
    layout.importSource(id),
    `${JSON.stringify({ version: VERSION, ...source })}\n`,
  );
}

/** Writes the runs, unless they are as they were. @returns whether they are not. */
export function writeImported<Record, State extends string>(
  layout: Layout,
  id: string,
  runs: readonly ImportedRun<Record, State>[],
): boolean {
  const text = runs.map((run) => `${JSON.stringify(run)}\n`).join("");
  return writeChanged(layout.importedRuns(id), text);
}

function writeChanged(path: string, text: string): boolean {
  removeHalfWritten(path);
  if (readIfThere(path) === text) return false;
  writeWhole(path, text);
  return true;
}
