import type { Experiment, Stage } from "../core/experiment.ts";
import { layResources, type Resources } from "../core/resources.ts";

/** What a stage asks for where the run belongs to a group of the sweep: the group's over its own. */
export function resourcesIn(
  { sweep }: Pick<Experiment, "sweep">,
  { resources }: Pick<Stage, "resources">,
  group?: string,
): Resources {
  const own = group === undefined ? undefined : sweep?.groups?.[group]?.resources;
  return own ? layResources(resources, own) : resources;
}
