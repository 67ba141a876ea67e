import { NotFoundError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import type { ForeignRun } from "../imports/foreign.ts";
import { FOREIGN_FORMATS } from "../imports/formats.ts";
import { idFor } from "../imports/names.ts";
import { refreshTable } from "./harvest.ts";
import { draftImport, writeDraft } from "./import_draft.ts";
import type { ImportPlace } from "./imported_record.ts";
import type { ImportProblem } from "./import_problems.ts";
import type { Project } from "./project.ts";
import { inTurn } from "./turns.ts";

/** What is given beside the folder. */
export interface ImportOptions {
  /** The command of every experiment; where it is absent and not recorded, the file has none. */
  command?: string;
  /** Put before each name, as `old-`. */
  prefix?: string;
  /** Say what would be imported, and write nothing. */
  dryRun?: boolean;
}

/** An experiment that was imported. */
export interface ImportedExperimentReport {
  /** Its id here. */
  id: string;
  /** Its name in the other tool. */
  name: string;
  /** How its runs stand there: `queued`, or a state. */
  counts: Partial<Record<string, number>>;
  /** Number of points of its sweep. */
  points: number;
  /** Absolute path of its file. */
  path: string;
  /** What became of that: `edited` was a user's and stays, `none` has nothing to say. */
  file: "new" | "rewritten" | "unchanged" | "edited" | "none";
  /** Whether anything of it was not as it is now. */
  changed: boolean;
  /** What is to be known of it and its runs; the same of several runs once. */
  problems: ImportProblem[];
}

/** What was imported from a folder. */
export interface ImportReport {
  /** The tool. */
  from: string;
  /** Its folder, absolute. */
  folder: string;
  /** Whether nothing was written. */
  dryRun: boolean;
  /** By name. */
  experiments: ImportedExperimentReport[];
  /** Experiments that were not imported, and why. */
  refused: { name: string; id: string; reason: string }[];
  /** What could not be read, one line each. */
  problems: string[];
}

/**
 * Takes over the experiments and results of another tool: for each experiment a file with its points,
 * and a record for each run that had begun. Nothing is run, and nothing of the folder is changed.
 * Importing again changes nothing but what changed there.
 *
 * @param from the tool, as `dr_exp`.
 * @throws {NotFoundError} for a tool nobody knows, or a folder that is none of it.
 *
 * @example
 * ```ts
 * import { importFrom, initProject, openProject, readResults } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * Deno.mkdirSync(`${parent}/old/jobs`, { recursive: true });
 * const job = { id: "a1", experiment: "resnet", config: { lr: 0.1 }, status: "completed" };
 * const text = JSON.stringify({ ...job, final_metrics: { acc: 0.9 } });
 * Deno.writeTextFileSync(`${parent}/old/jobs/a1.json`, text);
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * const { experiments } = await importFrom(project, "dr_exp", `${parent}/old`);
 * const [record] = readResults(project, ["resnet"]);
 * if (experiments[0]?.points !== 1 || record?.imported?.from !== "dr_exp") throw new Error("lost");
 * if (record.metrics.acc?.last !== 0.9) throw new Error("no metric");
 * ```
 */
export async function importFrom(
  project: Project,
  from: string,
  folder: string,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const format = FOREIGN_FORMATS.find(({ name }) => name === from);
  if (!format) {
    throw new NotFoundError(`Cannot import from ${JSON.stringify(from)}: it is not known`, {
      hint: didYouMean(from, FOREIGN_FORMATS.map(({ name }) => name)),
    });
  }
  const foreign = format.read(folder);
  const place = { from, folder: foreign.folder };
  const act = () => Promise.resolve(takeOver(project, place, foreign.runs, options));
  const taken = options.dryRun ? await act() : await inTurn(project, "import", "all", act);
  if (!options.dryRun) {
    const ids = taken.experiments.map(({ id }) => id);
    await refreshTable(project, ids, taken.experiments.some(({ changed }) => changed));
  }
  return { ...place, dryRun: options.dryRun ?? false, ...taken, problems: foreign.problems };
}

function takeOver(
  project: Project,
  place: Omit<ImportPlace, "experiment">,
  runs: readonly ForeignRun[],
  { command, prefix, dryRun }: ImportOptions,
): Pick<ImportReport, "experiments" | "refused"> {
  const taken: Pick<ImportReport, "experiments" | "refused"> = { experiments: [], refused: [] };
  const byName = Map.groupBy(runs, ({ experiment }) => experiment);
  for (const name of [...byName.keys()].sort()) {
    const id = idFor(name, prefix);
    const asked = { ...place, experiment: id, name, command };
    const draft = draftImport(project, asked, byName.get(name)!);
    if ("refused" in draft) taken.refused.push({ name, id, reason: draft.refused });
    else {
      const { counts, problems, file: { path, state: file, points } } = draft;
      const changed = dryRun ? draft.differs : writeDraft(project.layout, draft);
      taken.experiments.push({ id, name, path, file, counts, points, changed, problems });
    }
  }
  return taken;
}
