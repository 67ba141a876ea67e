import { adviseOnSlurm, type SlurmAdvice } from "../advisor/advise.ts";
import { type BatchPlan, planBatch } from "../advisor/batch_plan.ts";
import type { AdviceRequest } from "../advisor/request.ts";
import type { Directives } from "../advisor/starts.ts";
import { machinePorts } from "../cluster/ports.ts";
import { applySite } from "../cluster/site/apply.ts";
import type { SeenGpus } from "../cluster/site/seen_gpus.ts";
import { NotFoundError, UsageError } from "../core/errors.ts";
import type { EnvironmentSpec, Stage } from "../core/experiment.ts";
import { layResources, type Resources } from "../core/resources.ts";
import { didYouMean } from "../core/suggest.ts";
import { resourceDirectives } from "../script/directives.ts";
import { type Clock, systemClock } from "../system/clock.ts";
import { denoRunner } from "../system/deno_runner.ts";
import type { Runner } from "../system/runner.ts";
import { loadExperiment } from "./experiments.ts";
import { answersFolder } from "./partitions.ts";
import type { Project } from "./project.ts";
import { type MachineResources, thisMachine } from "./resources.ts";
import { profileOf } from "./site.ts";

/** What advice is wanted on. What is absent is left to the advisor, or to Slurm. */
export interface AdviceOptions {
  /** GPUs over all nodes. */
  gpus?: number;
  /** Any of these types. */
  gpuTypes?: readonly string[];
  /** Exactly so many nodes. */
  nodes?: number;
  /** As sbatch takes it, or `24h`. */
  time?: string;
  /** Memory a node. */
  mem?: string;
  /** CPUs a task. */
  cpus?: number;
  /** Only these partitions, with commas. */
  partition?: string;
  /** Only this account. */
  account?: string;
  /** Only this QOS. */
  qos?: string;
  /** Samples of one optimizer step over all GPUs. */
  globalBatch?: number;
  /** Most samples that fit on one GPU. */
  maxPerGpu?: number;
  /** Id of an experiment whose stage says the rest; with a project only. */
  experiment?: string;
  /** Stage of it; the first unless told. */
  stage?: string;
  /** Project whose site and experiments count. */
  project?: Project;
  /** Ask for access and past waits anew, however young the kept answers are. */
  refresh?: boolean;
  /** How programs are run; for tests. */
  runner?: Runner;
  /** Where time comes from; for tests. */
  clock?: Clock;
}

/** What can be said where there is no Slurm: whether the job fits on this machine. */
export interface MachineAdvice {
  /** There is no Slurm, or the project does not use it. */
  kind: "machine";
  /** What it has, busy or not. */
  machine: MachineResources;
  /** What it lacks, one line each; empty where the job fits. */
  lacks: string[];
  /** How the global batch comes about, where one was given. */
  batch?: BatchPlan;
}

/** Where a job could run. */
export type Advice = SlurmAdvice | MachineAdvice;

/**
 * Where a job could run: the places that this user may use, when it would start there, what holds
 * it, what it costs, and a score with its terms. Submits nothing; uses up at most 14 job ids.
 * Without Slurm, whether it fits on this machine.
 *
 * @throws {SchedulerError} where Slurm is there and does not answer.
 * @throws {UsageError} for a request that cannot be.
 *
 * @example
 * ```ts
 * import { adviseResources } from "@expflow/cli";
 *
 * const advice = await adviseResources({ gpus: 4, time: "24h", globalBatch: 256 });
 * if (advice.kind === "slurm") {
 *   for (const { partition, score, start } of advice.places) {
 *     console.log(partition, score, start?.seconds);
 *   }
 * } else console.log(advice.machine.cpus, "CPUs here; missing:", advice.lacks);
 * if (advice.batch?.perGpu !== 64) throw new Error("256 = 64 × 4 GPUs × 1");
 * ```
 */
export async function adviseResources(options: AdviceOptions): Promise<Advice> {
  const { project, refresh } = options;
  const runner = options.runner ?? project?.context.runner ?? denoRunner;
  const clock = options.clock ?? project?.context.clock ?? systemClock;
  const ports = machinePorts(runner);
  const stage = stageOf(options);
  const request = requestFrom(options, stage);
  if (project?.context.scheduler.name !== "local") {
    const advice = await adviseOnSlurm(
      { ...request, unnamedPartition: project && isUnnamed(project) },
      {
        ports,
        clock,
        refresh,
        folder: answersFolder(project?.layout.root ?? ".", ports.env),
        directives: directivesFor(project, stage?.environment ?? PLAIN),
      },
    );
    if (advice) return advice;
  }
  const machine = await thisMachine(ports);
  const { gpus, globalBatch, maxPerGpu } = request;
  return {
    kind: "machine",
    machine,
    lacks: lacksOf(machine, request),
    ...globalBatch === undefined ? {} : { batch: planBatch(globalBatch, gpus, maxPerGpu) },
  };
}

const PLAIN: EnvironmentSpec = {
  modules: [],
  purge: false,
  env: {},
  secrets: {},
  setup: [],
};

function stageOf({ experiment, stage, project }: AdviceOptions): Stage | undefined {
  if (experiment === undefined) return undefined;
  if (!project) throw new UsageError("Cannot advise on an experiment: no project is given");
  const { stages } = loadExperiment(project, experiment).experiment;
  const found = stage === undefined ? stages[0] : stages.find(({ name }) => name === stage);
  if (found) return found;
  throw new NotFoundError(`Cannot find stage ${JSON.stringify(stage)} in ${experiment}`, {
    hint: didYouMean(stage!, stages.map(({ name }) => name)),
  });
}

/** What the options say over what the stage says; `auto` is left open. */
function requestFrom(options: AdviceOptions, stage: Stage | undefined): AdviceRequest {
  const given: Resources = {
    time: options.time,
    mem: options.mem,
    cpus_per_task: options.cpus,
    partition: options.partition,
    account: options.account,
    qos: options.qos,
  };
  const named = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  const base = openedAuto(layResources(stage?.resources ?? {}, named));
  const { gpus: own = 0, gpu_type, nodes, ...resources } = base;
  const fixed = options.nodes ?? (options.gpus === undefined ? nodes : undefined);
  const gpus = options.gpus ?? own * (fixed ?? 1);
  if (fixed !== undefined && gpus % fixed !== 0) {
    throw new UsageError(`Cannot spread ${gpus} GPUs evenly over ${fixed} nodes`, {
      hint: `take ${Math.floor(gpus / fixed) * fixed || fixed} GPUs, or other nodes`,
    });
  }
  const types = options.gpuTypes ?? (gpu_type === undefined ? undefined : [gpu_type]);
  const whole = stage !== undefined && options.gpus === undefined ? fixed ?? 1 : fixed;
  return {
    resources,
    gpus,
    ...types === undefined ? {} : { gpuTypes: types },
    ...whole === undefined ? {} : { nodes: whole },
    globalBatch: options.globalBatch,
    maxPerGpu: options.maxPerGpu,
  };
}

/** What the advisor is to choose is not said. */
export function openedAuto(resources: Resources): Resources {
  const { partition, account, ...rest } = resources;
  return {
    ...rest,
    ...partition === undefined || partition === "auto" ? {} : { partition },
    ...account === undefined || account === "auto" ? {} : { account },
  };
}

/** Whether the site does not want jobs to name a partition. */
export function isUnnamed(project: Project): boolean {
  const { forbidden = [], discouraged = [] } = profileOf(project)?.profile ?? {};
  return [...forbidden, ...discouraged].includes("partition");
}

/** What a script of this project says of its resources. */
export function directivesFor(
  project: Project | undefined,
  environment: EnvironmentSpec,
  seen?: SeenGpus,
): Directives {
  const profile = project && profileOf(project);
  if (!profile) return (resources) => resourceDirectives(resources);
  return (asked) => {
    const { resources, script } = applySite({ resources: asked, environment }, profile, seen);
    return resourceDirectives(resources, script);
  };
}

function lacksOf({ cpus, gpus }: MachineResources, request: AdviceRequest): string[] {
  const lacks: string[] = [];
  const wanted = request.resources.cpus_per_task ?? 1;
  if (wanted > cpus) lacks.push(`${wanted} CPUs are wanted, it has ${cpus}`);
  const count = gpus.value?.length;
  if (request.gpus > (count ?? 0)) {
    const has = gpus.unknown ? `what it has is not known (${gpus.source})` : `it has ${count ?? 0}`;
    lacks.push(`${request.gpus} GPUs are wanted, ${has}`);
  }
  if ((request.nodes ?? 1) > 1) lacks.push(`${request.nodes} nodes are wanted, it is one`);
  return lacks;
}
