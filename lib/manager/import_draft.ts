import { join } from "node:path";
import type { ForeignRun } from "../imports/foreign.ts";
import { type PlacedRun, placeRuns } from "../imports/points.ts";
import {
  type ImportSource,
  readImportSource,
  writeImported,
  writeImportSource,
} from "../store/imported.ts";
import type { Layout } from "../store/layout.ts";
import { exists, removeHalfWritten, writeWhole } from "../system/files.ts";
import { type ImportedFile, importedFile, isWritten } from "./import_file.ts";
import { type ImportProblem, problemsOf } from "./import_problems.ts";
import { countForeign, type ImportedCounts, type KeptRun, keptRuns } from "./imported.ts";
import { type ImportPlace, recordOf } from "./imported_record.ts";
import type { Project } from "./project.ts";

/** An experiment that is to be imported. */
export interface ImportAsked extends ImportPlace {
  /** Its name in the other tool. */
  name: string;
  /** What it runs, where the user says so. */
  command?: string;
}

/** What an import writes for one experiment. */
export interface ImportDraft {
  id: string;
  name: string;
  /** How its runs stand there now. */
  counts: ImportedCounts["counts"];
  file: ImportedFile;
  source: Omit<ImportSource, "version">;
  runs: KeptRun[];
  problems: ImportProblem[];
  /** Whether something is not on disk as it is here. */
  differs: boolean;
}

/** Works out what is written for an experiment, or why nothing is; writes nothing. */
export function draftImport(
  project: Project,
  asked: ImportAsked,
  found: readonly ForeignRun[],
): ImportDraft | { refused: string } {
  const { layout } = project;
  const { experiment: id, from, folder, name } = asked;
  const before = readImportSource(layout, id);
  const refused = before ? otherSource(before, asked) : taken(layout, id);
  if (refused) return { refused };
  const earlier = keptRuns(layout, id);
  const placed = placeRuns(found, new Map(earlier.map((kept) => [kept.id, { index: kept.run }])));
  const now = placed.map((one) => keptRun(one, asked));
  const ids = new Set(placed.map(({ run }) => run.id));
  const gone = earlier.filter((kept) => !ids.has(kept.id));
  const runs = [...now, ...gone].sort((one, other) => one.run - other.run);
  const counts = countForeign(now);
  const command = asked.command ?? before?.command ?? commonCommand(found);
  const told = { from, folder, name, ...command === undefined ? {} : { command } };
  const counted = Object.entries(counts).map(([state, count]) => `${count} ${state}`).join(", ");
  const content = { ...told, id, counts: counted, placed };
  const file = importedFile(project, content, before?.texts ?? []);
  return {
    id,
    name,
    counts,
    file,
    source: { ...told, counts, texts: file.texts },
    runs,
    problems: [
      ...problemsOf(placed, now),
      ...gone.map((kept) => ({
        problem: "it is not found there any more: kept as it was",
        runs: [kept.id],
      })),
      ...file.problems,
    ],
    differs: isWritten(file) || JSON.stringify(runs) !== JSON.stringify(earlier),
  };
}

/**
 * Writes a draft: where it is from, then its runs, then the file that can be submitted, so that done
 * again after a kill it ends the same.
 *
 * @returns whether something was not as it is now.
 */
export function writeDraft(layout: Layout, { id, file, source, runs }: ImportDraft): boolean {
  const told = writeImportSource(layout, id, source);
  const kept = writeImported(layout, id, runs);
  removeHalfWritten(file.path);
  if (isWritten(file)) writeWhole(file.path, file.text);
  return told || kept || isWritten(file);
}

function keptRun(placed: PlacedRun, place: ImportPlace): KeptRun {
  const { run, index, point } = placed;
  const record = recordOf(placed, place);
  return {
    id: run.id,
    run: index,
    state: run.state,
    ...point === undefined ? {} : { point },
    ...record ? { record } : {},
    text: run.text,
  };
}

function otherSource(before: ImportSource, asked: ImportAsked): string | undefined {
  const { from, folder, name } = before;
  if (from === asked.from && folder === asked.folder && name === asked.name) return undefined;
  return `${JSON.stringify(name)} of ${folder} (${from}) was imported under this name`;
}

function taken(layout: Layout, id: string): string | undefined {
  const paths = [layout.experiment(id), join(layout.submissions, id), layout.archiveRecord(id)];
  return paths.some(exists) ? "there is an experiment of this name here" : undefined;
}

function commonCommand(found: readonly ForeignRun[]): string | undefined {
  const [command, ...others] = new Set(found.map(({ command }) => command));
  return others.length === 0 ? command : undefined;
}
