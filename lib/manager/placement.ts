import { chargedTo, type Choice, choosePlace, findRace } from "../advisor/choice.ts";
import { askStart } from "../advisor/starts.ts";
import { adviseOnSlurm, type SlurmAdvice } from "../advisor/advise.ts";
import type { DetectionPorts } from "../cluster/ports.ts";
import { ConfigError, SchedulerError } from "../core/errors.ts";
import type { Experiment, Stage } from "../core/experiment.ts";
import { jobResources } from "../core/packing.ts";
import { layResources, type Resources } from "../core/resources.ts";
import { resourcesIn } from "../submission/resources.ts";
import { directivesFor, isUnnamed, openedAuto } from "./advise.ts";
import { answersFolder } from "./partitions.ts";
import type { Project } from "./project.ts";
import { seenGpusOf, sessionOf } from "./session.ts";

/** An experiment whose jobs all have a place. */
export interface PlacedExperiment {
  experiment: Experiment;
  /** What was decided, one line each. */
  decisions: string[];
  /** Dotted key → who chose its value. */
  provenance: Record<string, string>;
}

const CHOSEN = "chosen by the advisor";

/**
 * Puts a real partition and account in the place of `auto`. With `race` a job may name several
 * partitions, where Slurm takes them together.
 *
 * @throws {SchedulerError} when a job fits nowhere, with the reason of each partition.
 */
export async function placeExperiment(
  project: Project,
  experiment: Experiment,
  { race = false }: { race?: boolean },
): Promise<PlacedExperiment> {
  const decisions = new Set<string>();
  const provenance: Record<string, string> = {};
  const decide = async (job: string, path: string, stage: Stage, asked: Resources) => {
    if (!isOpen(asked, race)) return asked;
    const { resources, why } = await placed(project, { job, stage, asked, race });
    for (const line of why) decisions.add(line);
    for (const key of ["partition", "account", "qos"] as const) {
      if (resources[key] !== asked[key]) provenance[`${path}.${key}`] = CHOSEN;
    }
    return resources;
  };
  const stages: Stage[] = [];
  for (const stage of experiment.stages) {
    const path = `stages.${stage.name}.resources`;
    const job = `${experiment.id}/${stage.name}`;
    stages.push({ ...stage, resources: await decide(job, path, stage, stage.resources) });
  }
  const groups: NonNullable<Experiment["sweep"]>["groups"] = {};
  for (const [name, group] of Object.entries(experiment.sweep?.groups ?? {})) {
    const found = new Map<string, Resources>();
    for (const stage of group.resources ? experiment.stages : []) {
      const asked = resourcesIn(experiment, stage, name);
      const path = `sweep.groups.${name}.resources`;
      const { partition, account, qos } = await decide(
        `${experiment.id}/${stage.name} of group ${name}`,
        path,
        stage,
        asked,
      );
      if (isOpen(asked, race)) found.set(stage.name, defined({ partition, account, qos }));
    }
    groups[name] = found.size === 0
      ? group
      : { ...group, resources: layResources(group.resources!, agreed(name, found)) };
  }
  const sweep = experiment.sweep && { ...experiment.sweep, ...groupsOf(groups) };
  return {
    experiment: { ...experiment, stages, ...sweep ? { sweep } : {} },
    decisions: [...decisions],
    provenance,
  };
}

function groupsOf(groups: NonNullable<Experiment["sweep"]>["groups"]) {
  return Object.keys(groups ?? {}).length > 0 ? { groups } : {};
}

function isOpen({ partition, account }: Resources, race: boolean): boolean {
  return race || partition === "auto" || account === "auto";
}

/** One group has one place in all stages, as its resources hold for all of them. */
function agreed(group: string, found: ReadonlyMap<string, Resources>): Resources {
  const [first, ...others] = found.values();
  const text = JSON.stringify(first);
  if (others.every((one) => JSON.stringify(one) === text)) return first!;
  const told = Array.from(
    found,
    ([stage, { partition, account }]) =>
      `${stage} in ${partition} with ${account ?? "the default account"}`,
  );
  throw new ConfigError(
    `Cannot choose a partition for group ${group}: its stages want different ones: ${
      told.join("; ")
    }`,
    { hint: `name partition and account in sweep.groups.${group}.resources` },
  );
}

function defined(resources: Resources): Resources {
  return Object.fromEntries(Object.entries(resources).filter(([, value]) => value !== undefined));
}

interface Asked {
  job: string;
  stage: Stage;
  asked: Resources;
  race: boolean;
}

async function placed(
  project: Project,
  { job, stage, asked, race }: Asked,
): Promise<{ resources: Resources; why: string[] }> {
  const open = openedAuto(asked);
  const { scheduler } = project.context;
  if (scheduler.name === "local" || scheduler.name === "queue") {
    const left = race ? "--race" : "partition or account: auto";
    const where = scheduler.name === "local" ? "on this machine" : "in the queue";
    return { resources: open, why: [`${job}: ${left} means nothing ${where}, left out`] };
  }
  const advice = await askedOnce(project, stage, jobResources(open));
  const choice = choosePlace(job, advice);
  const resources = layResources(open, choice.resources);
  return race
    ? await raced(project, { job, stage, asked, race }, { resources, advice, choice })
    : { resources, why: choice.why };
}

/** Asks whether Slurm takes the partitions together; if not, the best one has the job. */
async function raced(
  project: Project,
  { job, stage }: Asked,
  { resources, advice, choice }: { resources: Resources; advice: SlurmAdvice; choice: Choice },
): Promise<{ resources: Resources; why: string[] }> {
  const race = isUnnamed(project) ? undefined : findRace(advice.places);
  if (!race) {
    return { resources, why: [...choice.why, `${job}: no two partitions could take the same job`] };
  }
  const all = race.partitions;
  const together = layResources(resources, { ...chargedTo(race.place), partition: all.join() });
  const directives = directivesFor(project, stage.environment, await seenGpusOf(project));
  const start = await askStart(sessionOf(project).ports, jobResources(together), directives);
  if (start.kind === "start") {
    return {
      resources: together,
      why: [...choice.why, `${job}: races in ${all.join(", ")}: the first that can starts it`],
    };
  }
  const reason = start.kind === "refused" ? start.reason : start.why;
  return { resources, why: [...choice.why, `${job}: no race in ${all.join(", ")}: ${reason}`] };
}

async function askedOnce(
  project: Project,
  stage: Stage,
  resources: Resources,
): Promise<SlurmAdvice> {
  const { ports, advice: known } = sessionOf(project);
  const key = JSON.stringify([resources, stage.environment]);
  const advice = known.get(key) ?? askAdvice(project, ports, stage, resources);
  known.set(key, advice);
  return await advice;
}

async function askAdvice(
  project: Project,
  ports: DetectionPorts,
  stage: Stage,
  { gpus: perNode = 0, nodes, gpu_type, ...rest }: Resources,
): Promise<SlurmAdvice> {
  const { clock } = project.context;
  const advice = await adviseOnSlurm({
    resources: rest,
    gpus: perNode * (nodes ?? 1),
    gpuTypes: [gpu_type ?? ""],
    ...nodes === undefined ? { openNodes: true } : { nodes },
    unnamedPartition: isUnnamed(project),
  }, {
    ports,
    clock,
    folder: answersFolder(project.layout.root, ports.env),
    directives: directivesFor(project, stage.environment, await seenGpusOf(project)),
  });
  if (advice) return advice;
  throw new SchedulerError("Cannot choose a partition: there is no sinfo here, expected Slurm", {
    hint: "Slurm's commands must be on PATH: is this a login node?",
  });
}
