import type { Experiment } from "../core/experiment.ts";
import type { Resources } from "../core/resources.ts";
import type { Project } from "./project.ts";

/** What an allocation has, and a run in it cannot ask for. */
const OF_ALLOCATIONS = [
  "partition",
  "account",
  "qos",
  "constraint",
  "nodelist",
  "exclude",
  "reservation",
  "exclusive",
  "mail_user",
  "mail_type",
] as const satisfies (keyof Resources)[];

/**
 * An experiment with the words that the project's scheduler knows. In the queue a run takes a part of
 * an allocation that is there; elsewhere it has no priority, as sbatch's is for operators only.
 */
export function forScheduler(
  { context: { scheduler } }: Project,
  experiment: Experiment,
): { experiment: Experiment; decisions: string[] } {
  const queued = scheduler.name === "queue";
  const unknown: readonly (keyof Resources)[] = queued ? OF_ALLOCATIONS : ["priority"];
  const why = queued
    ? "a worker runs it in an allocation of its own"
    : `only the queue has priorities, and this goes to ${scheduler.name}`;
  const found = new Set<string>();
  const made = mapResources(experiment, (resources) => {
    const out = unknown.filter((word) => resources[word] !== undefined);
    for (const word of out) found.add(word);
    return out.length === 0 ? resources : without(resources, out);
  });
  const words = [...found].join(", ");
  return { experiment: made, decisions: found.size > 0 ? [`${words} left out: ${why}`] : [] };
}

/** The experiment with a priority for all that it submits. */
export function withPriority(experiment: Experiment, priority: number | undefined): Experiment {
  if (priority === undefined) return experiment;
  return mapResources(experiment, (resources) => ({ ...resources, priority }));
}

function without(resources: Resources, words: readonly (keyof Resources)[]): Resources {
  const kept = { ...resources };
  for (const word of words) delete kept[word];
  return kept;
}

/** Those of stages, and those that groups of the sweep lay over them. */
function mapResources(
  experiment: Experiment,
  change: (resources: Resources) => Resources,
): Experiment {
  const { stages, sweep } = experiment;
  const groups = Object.entries(sweep?.groups ?? {}).map(([name, group]) => [
    name,
    group.resources ? { ...group, resources: change(group.resources) } : group,
  ]);
  return {
    ...experiment,
    stages: stages.map((stage) => ({ ...stage, resources: change(stage.resources) })),
    ...sweep?.groups ? { sweep: { ...sweep, groups: Object.fromEntries(groups) } } : {},
  };
}
