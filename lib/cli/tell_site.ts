import { ExpflowError } from "../core/errors.ts";
import type { Experiment } from "../core/experiment.ts";
import { loadExperiment } from "../manager/experiments.ts";
import type { Project } from "../manager/project.ts";
import { forSite, type SitedExperiment, unsited } from "../manager/site.ts";
import type { CliContext } from "./context.ts";

/** Option of every command that writes scripts. */
export const SITE_OPTION: readonly ["--site <name>", string] = [
  "--site <name>",
  "write scripts for this site (`expflow sites`), not for the project's",
];

/** Says what the profile of the site changed in an experiment. */
export async function tellSite(context: CliContext, project: Project, id: string): Promise<void> {
  tell(context, await forSite(project, loadExperiment(project, id).experiment));
}

/** An experiment as the site wants it, or, with a warning why it cannot be, as it was asked for. */
export async function siteOrWarning(
  context: CliContext,
  project: Project,
  experiment: Experiment,
): Promise<SitedExperiment> {
  try {
    const sited = await forSite(project, experiment);
    tell(context, sited);
    return sited;
  } catch (error) {
    if (!(error instanceof ExpflowError)) throw error;
    context.err(`warning: ${error.message}\n`);
    if (error.hint) context.err(`hint: ${error.hint}\n`);
    return unsited(experiment);
  }
}

function tell(context: CliContext, { changes, warnings }: SitedExperiment): void {
  for (const warning of warnings) context.err(`warning: ${warning}\n`);
  for (const change of changes) context.err(`note: ${change}\n`);
}
