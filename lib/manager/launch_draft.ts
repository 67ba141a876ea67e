import { experimentText } from "../config/write.ts";
import { UsageError } from "../core/errors.ts";
import { parseMemory } from "../core/memory.ts";
import type { Experiment } from "../core/experiment.ts";
import type { FleetDraft } from "../queue/fleet/fleet.ts";
import { PLAIN_SITE } from "../script/site.ts";
import { sitedJob } from "../submission/resources.ts";
import { epochSeconds } from "../system/clock.ts";
import { readExperimentText } from "./experiments.ts";
import { placeExperiment } from "./placement.ts";
import type { Project } from "./project.ts";
import { forSite } from "./site.ts";

/** What allocations are wanted, and what runs in them. */
export interface LaunchOptions {
  /** Allocations, at most; 1 unless told. */
  jobs?: number;
  /** Most that live at the same time: more are submitted later, as there is work. */
  maxJobs?: number;
  /** Workers that share a GPU; 1 unless told. */
  workersPerGpu?: number;
  /** How they share it: through MPS of their own unless told, or in turns without it. */
  sharing?: "own" | "turns";
  /** Workers on a node where no GPUs are asked for; 1 unless told. */
  workers?: number;
  /** Seconds that a worker waits for new items when there are none; 30 unless told. */
  linger?: number;
  /** Seconds between TERM and KILL of what is stopped; 15 unless told. */
  killWait?: number;
  /** Seconds without a sign of life after which a worker is killed; 60 unless told. */
  lease?: number;
  /** What an allocation asks for: each `resources.<word>=<value>`, in sbatch's words. */
  set?: readonly string[];
}

/** A fleet as it will be, and what was decided of it, one line each. */
export interface DraftedFleet {
  draft: FleetDraft;
  decisions: string[];
}

/**
 * A fleet of a project, as its site wants it. @param project see `onMachines()`.
 *
 * @throws {ConfigError | UsageError} for what cannot be.
 */
export async function draftFleet(
  project: Project,
  options: LaunchOptions,
): Promise<DraftedFleet> {
  const { jobs = 1, maxJobs, workersPerGpu = 1, workers = 1 } = options;
  const { linger = 30, killWait = 15, lease = 60, set = [] } = options;
  checkCounts({ jobs, maxJobs, workersPerGpu, workers });
  const asked = readRequest(project, set);
  const { gpus = 0, cpus_per_task, gpu_mem } = asked.stages[0]!.resources;
  const perNode = gpus > 0 ? gpus * workersPerGpu : workers;
  const enough = cpus_per_task ?? perNode;
  const { resources, site, decisions } = await sited(project, withCpus(asked, enough));
  if (cpus_per_task === undefined) {
    decisions.push(`cpus_per_task = ${perNode}: one for each worker of a node`);
  }
  const { layout: { queue }, context: { host, clock, scheduler: { name: scheduler } } } = project;
  return {
    decisions,
    draft: {
      name: `expflow-workers-${crypto.randomUUID().slice(0, 8)}`,
      scheduler,
      host,
      created: epochSeconds(clock),
      resources,
      site,
      jobs: Math.min(jobs, maxJobs ?? jobs),
      ...maxJobs === undefined ? {} : { maxJobs },
      agent: {
        ...{ queue, fleet: 0, scheduler, gpus, workersPerGpu, workers },
        sharing: asked.stages[0]!.resources.gpu_mps ? "site" : options.sharing ?? "own",
        gpuMem: gpu_mem === undefined ? 0 : parseMemory(gpu_mem),
        ...{ linger, killWait, lease },
      },
      workers: perNode * (resources.nodes ?? 1),
      cpus: Math.max(1, Math.floor((resources.cpus_per_task ?? 1) / perNode)),
      gpus: gpus > 0 ? 1 : 0,
      deno: Deno.execPath(),
      bundle: "written at launch",
    },
  };
}

function checkCounts(counts: Record<string, number | undefined>): void {
  for (const [name, value = 1] of Object.entries(counts)) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new UsageError(`Cannot launch: ${name} is ${value}, expected a whole number above 0`);
  }
}

/** What is asked for is read as of an experiment: the project's defaults are below it. */
function readRequest(project: Project, set: readonly string[]): Experiment {
  const body = { command: "expflow" };
  const text = experimentText({ id: "launch", extends: [], body, sets: [...set], schema: "" });
  const { sweep: _, search: __, ...plain } = readExperimentText(project, "launch", text);
  return plain;
}

function withCpus(experiment: Experiment, cpus_per_task: number): Experiment {
  const stages = experiment.stages.slice(0, 1).map((stage) => ({
    ...stage,
    resources: { ...stage.resources, cpus_per_task },
  }));
  return { ...experiment, stages };
}

/** What an allocation asks for where it is submitted; `auto` is decided here. */
async function sited(
  project: Project,
  asked: Experiment,
): Promise<Pick<FleetDraft, "resources" | "site"> & { decisions: string[] }> {
  const placed = await placeExperiment(project, asked, {});
  const { experiment, jobs, changes, warnings } = await forSite(project, placed.experiment);
  const { resources, site = PLAIN_SITE } = sitedJob(jobs, experiment, experiment.stages[0]!);
  // how runs share jobs and arrays is no affair of those that run workers
  const { max_parallel: _, runs_per_job: __, runs_at_once: ___, ...own } = resources;
  return {
    resources: own,
    site,
    decisions: [...placed.decisions, ...warnings, ...changes],
  };
}
