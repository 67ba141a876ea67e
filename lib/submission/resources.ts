import type { EnvironmentSpec, Experiment, Stage } from "../core/experiment.ts";
import { layResources, type Resources } from "../core/resources.ts";
import type { SiteScript } from "../script/site.ts";

/** What a stage asks for where the run belongs to a group of the sweep: the group's over its own. */
export function resourcesIn(
  { sweep }: Pick<Experiment, "sweep">,
  { resources }: Pick<Stage, "resources">,
  group?: string,
): Resources {
  const own = group === undefined ? undefined : sweep?.groups?.[group]?.resources;
  return own ? layResources(resources, own) : resources;
}

/** What jobs of one kind are at the site they are written for. */
export interface SitedJob {
  resources: Resources;
  environment: EnvironmentSpec;
  /** What their scripts have beside the resources; absent where no site was applied. */
  site?: SiteScript;
}

/** Kind → its jobs at the site; empty where none was applied. */
export type SitedJobs = ReadonlyMap<string, SitedJob>;

/** Jobs of one stage are alike, but for those of a group of the sweep. */
export function kindOf(stage: string, group?: string): string {
  return group === undefined ? stage : `${stage}/${group}`;
}

/** What the jobs of a stage, and of a group in it, are where they are submitted. */
export function sitedJob(
  sited: SitedJobs,
  experiment: Pick<Experiment, "sweep">,
  stage: Stage,
  group?: string,
): SitedJob {
  return sited.get(kindOf(stage.name, group)) ??
    { resources: resourcesIn(experiment, stage, group), environment: stage.environment };
}
