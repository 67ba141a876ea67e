import { type HarvestSpec, USUAL_FILES } from "../core/experiment.ts";
import { UsageError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import type { ResultRecord } from "../results/records.ts";
import { numericMetrics, replicates } from "../results/aggregate.ts";
import { type RunCurve, writeCurves } from "../results/curve_table.ts";
import { readCurve, readCurves } from "../results/harvest.ts";
import { type CurvePlotOptions, plotCurves } from "../results/plots/curves.ts";
import { makeFolder, removeIfThere, storageError } from "../system/files.ts";
import { loadExperiment } from "./experiments.ts";
import { readResults } from "./harvest.ts";
import type { Project } from "./project.ts";

/**
 * Learning curves of one metric as SVG: a line for each set of parameters, the mean over seeds, with
 * a band. Completed runs only; the caption counts the others.
 *
 * @throws {UsageError} when no run has finite values of the metric.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   harvest,
 *   initProject,
 *   openProject,
 *   plotLearningCurves,
 *   submit,
 *   wait,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01 seed=0,1" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * const { records } = await harvest(project, "exp001");
 * const svg = await plotLearningCurves(project, "exp001", records, "loss", { log: true });
 * Deno.writeTextFileSync(`${root}/loss.svg`, svg);
 * if (!svg.startsWith("<svg") || !svg.includes("0.01")) throw new Error(svg.slice(0, 80));
 * ```
 */
export async function plotLearningCurves(
  project: Project,
  id: string,
  records: readonly ResultRecord[],
  metric: string,
  options: CurvePlotOptions = {},
): Promise<string> {
  const harvest = harvestSpecOf(project, id, records);
  const completed = records.filter(({ state }) => state === "completed");
  let missing = 0;
  const groups = replicates(completed).map(({ params, members }) => {
    const curves = members.flatMap((record) =>
      readCurve(outputOf(project, record), {}, harvest, metric) ?? []
    );
    missing += members.length - curves.length;
    return { params, curves };
  });
  if (groups.every(({ curves }) => curves.length === 0)) refuse(metric, records);
  const notCompleted = records.length - completed.length;
  return await plotCurves(groups, {
    ...options,
    leftOut: options.leftOut ?? { notCompleted, missing, nonFinite: 0 },
  });
}

/** Where a run wrote its files; a folder that is not there has no curves. */
function outputOf({ layout }: Project, { experiment, run, imported }: ResultRecord): string {
  return imported?.output ?? layout.run(experiment, run);
}

/** The file of an experiment that was imported need not be whole yet. */
function harvestSpecOf(
  project: Project,
  id: string,
  records: readonly ResultRecord[],
): HarvestSpec {
  if (records.length > 0 && records.every(({ imported }) => imported)) return USUAL_FILES;
  return loadExperiment(project, id).experiment.harvest;
}

function refuse(metric: string, records: readonly ResultRecord[]): never {
  const known = numericMetrics(records).map(({ name }) => name);
  throw new UsageError(`Cannot plot curves of ${metric}: no completed run has it`, {
    hint: known.includes(metric)
      ? "`expflow status` shows what completed"
      : didYouMean(metric, known),
  });
}

/** Where the curves of an experiment are, and how many points they have. */
export interface CurveExport {
  /** The Parquet file. */
  path: string;
  /** Over all runs and metrics; those that are not finite do not count. */
  points: number;
}

/**
 * Writes how each metric of each harvested run developed, in long form (`run`, `metric`, `step_key`,
 * `step`, `value`), to `experiments/results/<id>.curves.parquet`. One run is read at a time.
 *
 * @throws {NotFoundError} when the experiment has no file, {StorageError} when it cannot be written.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   exportCurves,
 *   harvest,
 *   initProject,
 *   openProject,
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
 * const { path, points } = exportCurves(project, "exp001");
 * if (points === 0 || !Deno.statSync(path).isFile) throw new Error(path);
 * ```
 */
export function exportCurves(project: Project, id: string): CurveExport {
  const path = project.layout.curves(id);
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  makeFolder(project.layout.results);
  const records = readResults(project, [id]);
  const harvest = harvestSpecOf(project, id, records);
  function* curves(): Generator<RunCurve> {
    for (const record of records) {
      const found = readCurves(outputOf(project, record), {}, harvest);
      for (const curve of found) yield { run: record.run, ...curve };
    }
  }
  try {
    const points = writeCurves(temporary, curves());
    Deno.renameSync(temporary, path);
    return { path, points };
  } catch (error) {
    removeIfThere(temporary);
    throw storageError(`write ${path}`, error);
  }
}
