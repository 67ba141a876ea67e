import type { ResultRecord } from "../results/records.ts";
import { replicates } from "../results/aggregate.ts";
import { readCurve } from "../results/harvest.ts";
import { type CurvePlotOptions, plotCurves } from "../results/plot_curves.ts";
import type { Project } from "./project.ts";
import { loadExperiment } from "./experiments.ts";

/**
 * Learning curves of one metric as SVG: a line for each set of parameters, the mean over seeds, with
 * a band. Completed runs only.
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
  const { experiment } = loadExperiment(project, id);
  const completed = records.filter(({ state }) => state === "completed");
  const groups = replicates(completed).map(({ params, members }) => ({
    params,
    curves: members.flatMap(({ run }) =>
      readCurve(project.layout.run(id, run), {}, experiment.harvest, metric) ?? []
    ),
  }));
  return await plotCurves(groups, options);
}
