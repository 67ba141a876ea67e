import type { Experiment } from "../../core/experiment.ts";
import { layResources, type Resources } from "../../core/resources.ts";
import type { RetryRecord } from "../../store/plan.ts";
import type { Selection } from "../select.ts";
import type { RetryGroup } from "./decide.ts";

/** The experiment with a stage that asks for something else, also where a group of the sweep says. */
export function withResources(
  experiment: Experiment,
  stage: string,
  change: Resources,
): Experiment {
  const { sweep, stages } = experiment;
  const groups = Object.entries(sweep?.groups ?? {}).map(([name, group]) => [
    name,
    group.resources ? { ...group, resources: layOverOwn(group.resources, change) } : group,
  ]);
  return {
    ...experiment,
    stages: stages.map((one) =>
      one.name === stage ? { ...one, resources: layResources(one.resources, change) } : one
    ),
    ...sweep?.groups ? { sweep: { ...sweep, groups: Object.fromEntries(groups) } } : {},
  };
}

/** Only what the group asks for itself is in the way of its stage's. */
function layOverOwn(own: Resources, change: Resources): Resources {
  const isMemory = (word: string) => /^mem(_per_[cg]pu)?$/.test(word);
  const words = Object.keys(own);
  const over = Object.entries(change).filter(([word]) =>
    words.includes(word) || (isMemory(word) && words.some(isMemory))
  );
  return layResources(own, Object.fromEntries(over));
}

/** What of an experiment a group of retries submits. */
export function selectionOf(group: RetryGroup, experiment: Experiment): Selection {
  const { seen, children } = group;
  if (children.length > 0) return { seen, children: true };
  const runs = new Set(seen.keys());
  const goesOn = experiment.stages.some(({ checkpoint }) => checkpoint) && group.class !== "nan";
  return {
    seen,
    runs,
    force: group.class === "no_output",
    ...goesOn ? { resumed: new Map([...runs].map((run) => [run, {}])) } : {},
  };
}

/** What a plan records of it. */
export function recordOf(
  { class: failure, stage, asked, resources, changes }: RetryGroup,
): RetryRecord {
  return { class: failure, stage, asked, resources, changes };
}
