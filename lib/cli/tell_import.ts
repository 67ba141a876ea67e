import type { ImportedExperimentReport, ImportReport } from "../manager/import.ts";
import type { ImportProblem } from "../manager/import_problems.ts";
import type { ImportedCounts } from "../manager/imported.ts";
import { oneLine } from "../results/text_width.ts";
import { tellCounts } from "./progress.ts";
import type { CommandPorts } from "./registry.ts";

const PROBLEMS_SHOWN = 10;
const FILES: Record<ImportedExperimentReport["file"], string> = {
  new: "new file",
  rewritten: "file written anew",
  unchanged: "file as it was",
  edited: "your file stays",
  none: "no file",
};

/** Says what was imported, or would be. */
export function tellImport({ context }: CommandPorts, report: ImportReport): void {
  const { from, folder, dryRun, experiments, refused, problems } = report;
  for (const { id, name, counts, points, file, changed } of experiments) {
    const was = id === name ? "" : ` (${JSON.stringify(name)} there)`;
    const done = changed ? FILES[file] : "nothing new";
    context.out(
      `${id}${was}: ${tellCounts(counts)}; ${
        points === 1 ? "1 point" : `${points} points`
      }; ${done}\n`,
    );
  }
  if (experiments.length + refused.length === 0) context.out("nothing to import\n");
  for (const { id, problems } of experiments) tellProblems(context.err, id, problems);
  tellProblems(context.err, from, problems.map((problem) => ({ problem, runs: [] })));
  for (const { name, id, reason } of refused) {
    context.err(`error: Cannot import ${JSON.stringify(name)} as ${id}: ${reason}\n`);
  }
  if (refused.length > 0) context.err("hint: --prefix old- imports under other names\n");
  if (dryRun) context.err("nothing was written\n");
  else if (experiments.length > 0) {
    context.err(`imported from ${from} ${folder}: expflow ran none of it\n`);
    context.err("next: expflow results query; a command in the file, and expflow submit\n");
  }
}

/** How the runs of an imported experiment stood, in a few words. */
export function tellImported({ from, counts }: ImportedCounts): string {
  return `in ${from}: ${tellCounts(counts)}`;
}

function tellProblems(
  err: (text: string) => void,
  id: string,
  problems: readonly ImportProblem[],
): void {
  for (const { problem, runs } of problems.slice(0, PROBLEMS_SHOWN)) {
    const more = runs.length > 1 ? ` (and ${runs.length - 1} more)` : "";
    const run = runs.length > 0 ? `${runs[0]}${more}: ` : "";
    err(`warning: ${id}: ${oneLine(run + problem)}\n`);
  }
  const left = problems.length - PROBLEMS_SHOWN;
  if (left > 0) err(`warning: ${id}: … and ${left} more (--json lists them)\n`);
}
