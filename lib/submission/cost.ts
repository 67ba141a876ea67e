import { parseDuration } from "../core/durations.ts";
import type { Experiment, Stage } from "../core/experiment.ts";
import { packingOf, roundsOf } from "../core/packing.ts";
import type { Resources } from "../core/resources.ts";
import { resourcesIn } from "./resources.ts";

/** The most that the runs of one stage and group can use. */
export interface StageCost {
  /** Name of the stage. */
  stage: string;
  /** Group of the sweep, where there is one. */
  group?: string;
  /** As asked for; the site's default partition where it is absent. */
  partition?: string;
  /** Number of runs. */
  runs: number;
  /** Time limit of one run in seconds; `null` where none is given or it is unlimited. */
  seconds: number | null;
  /** `null` where it cannot be known. */
  gpuHours: number | null;
  /** `null` where it cannot be known. */
  cpuHours: number | null;
  /** Why something cannot be known. */
  unknown: string[];
}

/**
 * Upper bound of what runs cost: each of them runs once, and up to its time limit. `null` in a sum
 * where a part of it cannot be known.
 */
export interface CostBound {
  /** GPUs × time limit, in hours. */
  gpuHours: number | null;
  /** CPUs × time limit, in hours. */
  cpuHours: number | null;
  /** The parts of it. */
  stages: StageCost[];
}

/**
 * Upper bound of what the runs of an experiment cost.
 *
 * @param runs group → number of runs; those of no group are under `undefined`.
 */
export function costBound(
  experiment: Experiment,
  runs: ReadonlyMap<string | undefined, number>,
): CostBound {
  const stages = experiment.stages.flatMap((stage) =>
    Array.from(runs, ([group, count]) => stageCost(experiment, stage, group, count))
  );
  return {
    gpuHours: total(stages.map(({ gpuHours }) => gpuHours)),
    cpuHours: total(stages.map(({ cpuHours }) => cpuHours)),
    stages,
  };
}

function stageCost(
  experiment: Experiment,
  stage: Stage,
  group: string | undefined,
  runs: number,
): StageCost {
  const resources = resourcesIn(experiment, stage, group);
  const rounds = roundsIn(resources, runs);
  const limit = resources.time === undefined ? Infinity : parseDuration(resources.time);
  const seconds = Number.isFinite(limit) ? limit : null;
  const { gpus, cpus, unknown } = sizeOf(resources);
  const hours = (size: number | null) =>
    size === 0 ? 0 : size === null || seconds === null ? null : rounds * size * seconds / 3600;
  const untimed = resources.time === undefined ? "no time limit is given" : "the time is unlimited";
  return {
    stage: stage.name,
    ...(group === undefined ? {} : { group }),
    ...(resources.partition === undefined ? {} : { partition: String(resources.partition) }),
    runs,
    seconds,
    gpuHours: hours(gpus),
    cpuHours: hours(cpus),
    unknown: seconds === null ? [untimed, ...unknown] : unknown,
  };
}

/** How often the jobs of these runs, taken together, last as long as one run may. */
function roundsIn(resources: Resources, runs: number): number {
  const packing = packingOf(resources);
  if (!packing) return runs;
  const { runsPerJob } = packing;
  return Math.floor(runs / runsPerJob) * roundsOf(packing, runsPerJob) +
    roundsOf(packing, runs % runsPerJob);
}

/** GPUs and CPUs of one job. Slurm's own defaults count: one task a node, one CPU a task. */
function sizeOf(resources: Resources): {
  gpus: number | null;
  cpus: number | null;
  unknown: string[];
} {
  const { nodes, ntasks, ntasks_per_node, cpus_per_task = 1, gpus = 0, exclusive } = resources;
  const tasks = ntasks ?? (nodes ?? 1) * (ntasks_per_node ?? 1);
  const unknown: string[] = [];
  const spread = gpus > 0 && nodes === undefined && tasks > 1;
  if (spread) unknown.push(`the scheduler decides over how many nodes ${tasks} tasks spread`);
  if (exclusive) unknown.push("whole nodes are taken, however many CPUs they have");
  return {
    gpus: spread ? null : gpus * (nodes ?? 1),
    cpus: exclusive ? null : tasks * cpus_per_task,
    unknown,
  };
}

function total(parts: readonly (number | null)[]): number | null {
  return parts.reduce<number | null>(
    (sum, part) => sum === null || part === null ? null : sum + part,
    0,
  );
}
