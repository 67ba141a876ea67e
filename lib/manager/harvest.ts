import { ConflictError, NotFoundError } from "../core/errors.ts";
import type { Experiment } from "../core/experiment.ts";
import { parquetOf } from "../results/parquet.ts";
import type { ResultRecord } from "../results/records.ts";
import type { ArchiveFacts } from "../store/archive_record.ts";
import type { Layout } from "../store/layout.ts";
import { listImported, readImportSource } from "../store/imported.ts";
import { listSubmitted } from "../store/plan.ts";
import { heldBy, turnHolders } from "../store/turn.ts";
import { type ExperimentStatus, statusOf } from "../submission/status.ts";
import { entryAt, exists, readIfThere, removeHalfWritten, writeWhole } from "../system/files.ts";
import { loadExperiment } from "./experiments.ts";
import { HarvestMemory, parseRecords } from "./harvest_memory.ts";
import { harvestRun } from "./harvest_run.ts";
import { importedRecords } from "./imported.ts";
import type { Project } from "./project.ts";
import { inTurn, turnOf } from "./turns.ts";

/** What a harvest found in one experiment. */
export interface HarvestReport {
  /** Id of the experiment. */
  experiment: string;
  /** One for each run that was submitted, by rising index; also of those that failed. */
  records: ResultRecord[];
  /** Runs whose files were read; nothing of the others changed since the last harvest. */
  read: number;
  /** What was read and how, one line each. */
  notes: string[];
  /** One line each, with the run it concerns. */
  problems: string[];
}

/**
 * Reads the results of every run of an experiment that has started, and writes them to
 * `experiments/results/<id>.jsonl`. Runs of other experiments are never looked at.
 *
 * @throws {NotFoundError} when the experiment was never submitted.
 *
 * @example
 * ```ts
 * import { createExperiment, harvest, initProject, openProject, submit, wait } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * const { records, problems } = await harvest(project, "exp001");
 * const loss = records.map(({ metrics }) => Number(metrics.loss?.last));
 * if (problems.length > 0 || !(loss[0]! < loss[1]!)) throw new Error(`${problems} ${loss}`);
 * ```
 */
export async function harvest(project: Project, id: string): Promise<HarvestReport> {
  return await inTurn(project, "harvest", id, () => harvestNow(project, id));
}

async function harvestNow(project: Project, id: string): Promise<HarvestReport> {
  const [status] = await statusOf(project.context, [id]);
  if (status!.archived) return knownOf(project, status!.archived, id);
  if (status!.plans.length === 0) {
    const imported = readImportSource(project.layout, id);
    throw new NotFoundError(`Cannot harvest ${id}: it was never submitted`, {
      hint: imported
        ? `its results in ${imported.from} are there already: \`expflow results query ${id}\``
        : `\`expflow submit ${id}\` first; \`expflow list\` shows what there is`,
    });
  }
  const { experiment, problems } = harvestedExperiment(project, status!);
  const memory = new HarvestMemory(project.layout, id);
  const records: ResultRecord[] = [];
  let read = 0;
  for (const run of status!.runs) {
    const found = await harvestRun({ project, status: status!, experiment, memory }, run);
    records.push(found.record);
    if (found.fresh) read++;
    for (const problem of found.record.problems) problems.push(`run ${run.index}: ${problem}`);
  }
  const [holder] = turnHolders(project.layout, turnOf(project, "archive", id));
  if (exists(project.layout.archiveRecord(id)) || (holder && holder.pid !== Deno.pid)) {
    throw holder ? heldBy("harvest", id, holder) : new ConflictError(
      `Cannot harvest ${id}: it was archived meanwhile`,
      { hint: "its results were harvested then: `expflow results` shows them" },
    );
  }
  for (const path of [project.layout.result(id), project.layout.harvested(id)]) {
    removeHalfWritten(path);
  }
  const changed = memory.store(records);
  await refreshTable(project, [id], changed);
  return { experiment: id, records, read, notes: notesOn(experiment, records, read), problems };
}

/** Of what is archived, nothing is read: its results are those of the harvest before. */
function knownOf(project: Project, { file }: ArchiveFacts, id: string): HarvestReport {
  const records = readResults(project, [id]);
  const notes = [`it is archived in ${file}: these are the results of the last harvest`];
  return { experiment: id, records, read: 0, notes, problems: [] };
}

/**
 * Writes the records of every experiment anew as one table, `results.parquet`, where some changed or a
 * process was killed before it wrote it. It is made of the files of records and may be deleted.
 */
export async function refreshTable(
  project: Project,
  ids: readonly string[],
  changed: boolean,
): Promise<void> {
  const { layout } = project;
  if (!changed && !ids.some((id) => isBehind(layout, id))) return;
  await inTurn(project, "table", "results", () => {
    removeHalfWritten(layout.resultTable);
    writeWhole(layout.resultTable, parquetOf(readResults(project)));
    return Promise.resolve();
  });
}

function isBehind(layout: Layout, id: string): boolean {
  const table = entryAt(layout.resultTable)?.changed ?? -1;
  return [layout.result(id), layout.importedRuns(id)]
    .some((path) => (entryAt(path)?.changed ?? -1) > table);
}

function notesOn(
  { harvest }: Experiment,
  records: readonly ResultRecord[],
  read: number,
): string[] {
  const runs = new Map<string, number>();
  for (const format of records.flatMap(({ formats = [] }) => formats)) {
    runs.set(format, (runs.get(format) ?? 0) + 1);
  }
  const formats = Array.from(runs, ([format, count]) => `${format} (${countRuns(count)})`);
  const notes = [formats.length === 0 ? "nothing was read" : `read: ${formats.join(", ")}`];
  if (harvest.files.length === 0) notes[0] += "; harvest: declares nothing, so the usual files";
  const kept = records.length - read;
  if (kept > 0) notes.push(`${countRuns(kept)} unchanged since the last harvest`);
  const unhashed = records.flatMap(({ artifacts = [] }) => artifacts)
    .filter(({ sha256 }) => sha256 === undefined).length;
  if (unhashed > 0) {
    notes.push(
      `${unhashed} files have no SHA-256: over 1 MiB, and not under harvest.artifacts`,
    );
  }
  return notes;
}

function countRuns(count: number): string {
  return count === 1 ? "1 run" : `${count} runs`;
}

/** `harvest:` may be mended after the runs: the file as it is now says what to read. */
function harvestedExperiment(
  project: Project,
  status: ExperimentStatus,
): { experiment: Experiment; problems: string[] } {
  const submitted = status.plans.at(-1)!.config;
  if (!exists(project.layout.experiment(status.id))) return { experiment: submitted, problems: [] };
  try {
    const { experiment } = loadExperiment(project, status.id);
    return { experiment: { ...submitted, harvest: experiment.harvest }, problems: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { experiment: submitted, problems: [`${reason}: \`harvest:\` as submitted is used`] };
  }
}

/**
 * The harvested records of some experiments, or of all, as the last harvest left them, and those that
 * were imported.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   harvest,
 *   initProject,
 *   openProject,
 *   readResults,
 *   submit,
 *   wait,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * await harvest(project, "exp001");
 * const rates = readResults(project).map(({ params }) => params.lr);
 * if (rates.join() !== "0.1,0.01") throw new Error(rates.join());
 * ```
 */
export function readResults(project: Project, ids?: readonly string[]): ResultRecord[] {
  const { layout } = project;
  const imported = new Set(listImported(layout));
  const all = () => [...new Set([...listSubmitted(layout), ...imported])].sort();
  return (ids ?? all()).flatMap((id) => {
    const own = parseRecords(readIfThere(layout.result(id)) ?? "");
    return imported.has(id) ? withImported(own, importedRecords(layout, id)) : own;
  });
}

/** A run that expflow ran again is as it left it. */
function withImported(own: ResultRecord[], imported: readonly ResultRecord[]): ResultRecord[] {
  const again = new Set(own.map(({ run }) => run));
  return [...own, ...imported.filter(({ run }) => !again.has(run))]
    .sort((one, other) => one.run - other.run);
}
