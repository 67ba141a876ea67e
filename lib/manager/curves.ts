import type { ResultRecord } from "../results/records.ts";
import { replicates } from "../results/aggregate.ts";
import { readCurve } from "../results/harvest.ts";
import { type CurvePlotOptions, plotCurves } from "../results/plot_curves.ts";
import type { Project } from "./project.ts";
import { loadExperiment } from "./experiments.ts";

/**
 * Learning curves of one metric as SVG: a line for each set of parameters, the mean over seeds, with
 * a band. Completed runs only.
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
