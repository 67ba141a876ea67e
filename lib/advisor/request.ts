import { parseDuration } from "../core/durations.ts";
import { parseMemory } from "../core/memory.ts";
import type { Resources } from "../core/resources.ts";
import type { Tres } from "../core/tres.ts";

/** What advice is wanted on. */
export interface AdviceRequest {
  /** Everything that the job asks for and that is not to be decided. */
  resources: Resources;
  /** GPUs over all nodes; 0 for a job without. */
  gpus: number;
  /** Any of these types; every type where it is absent. `[""]`: whichever type a node has. */
  gpuTypes?: readonly string[];
  /** Exactly so many nodes; the advisor chooses where it is absent. */
  nodes?: number;
  /** The GPUs are those of each node, and Slurm decides how many nodes the tasks need. */
  openNodes?: boolean;
  /** At this site jobs name no partition: Slurm chooses among those that fit. */
  unnamedPartition?: boolean;
  /** Samples of one optimizer step over all GPUs. */
  globalBatch?: number;
  /** Most samples that fit on one GPU. */
  maxPerGpu?: number;
}

/** GPUs over nodes. */
export interface Shape {
  nodes: number;
  /** Of each node. */
  gpus: number;
  /** There may be more nodes: Slurm decides over how many the tasks spread. */
  open?: true;
}

/** The ways to spread the GPUs evenly over nodes, few nodes first. */
export function shapesOf(
  { gpus, nodes, openNodes }: Pick<AdviceRequest, "gpus" | "nodes" | "openNodes">,
): Shape[] {
  if (openNodes) return [{ nodes: 1, gpus, open: true }];
  if (nodes !== undefined || gpus === 0) {
    const count = nodes ?? 1;
    return gpus % count === 0 ? [{ nodes: count, gpus: gpus / count }] : [];
  }
  return Array.from({ length: gpus }, (_, i) => i + 1)
    .filter((count) => gpus % count === 0)
    .map((count) => ({ nodes: count, gpus: gpus / count }));
}

/** What one node must give, as far as the request says; Slurm decides what it leaves open. */
export interface NodeNeed {
  gpus: number;
  cpus: number;
  /** In MiB; absent where the site's default counts, or all of a node is asked for. */
  memory?: number;
  /** The node must be empty. */
  whole: boolean;
}

/** What a job asks of each of its nodes. */
export function needOf(resources: Resources, shape: Shape): NodeNeed {
  const { cpus_per_task = 1, ntasks, ntasks_per_node, exclusive = false } = resources;
  const spread = shape.open ? 1 : Math.ceil((ntasks ?? shape.nodes) / shape.nodes);
  const tasks = ntasks_per_node ?? spread;
  const cpus = tasks * cpus_per_task;
  const { mem, mem_per_cpu, mem_per_gpu } = resources;
  const all = mem !== undefined && parseMemory(mem) === 0;
  const memory = mem !== undefined && !all
    ? parseMemory(mem)
    : mem_per_cpu !== undefined
    ? parseMemory(mem_per_cpu) * cpus
    : mem_per_gpu !== undefined
    ? parseMemory(mem_per_gpu) * shape.gpus
    : undefined;
  return {
    gpus: shape.gpus,
    cpus,
    ...memory === undefined ? {} : { memory },
    whole: exclusive || all,
  };
}

/** What the job counts for against limits, as far as it is known. */
export function tresOf(resources: Resources, shape: Shape): Tres {
  const { cpus, memory } = needOf(resources, shape);
  const { nodes, gpus } = shape;
  const type = resources.gpu_type;
  return {
    node: nodes,
    cpu: shape.open ? (resources.ntasks ?? 1) * (resources.cpus_per_task ?? 1) : nodes * cpus,
    ...memory === undefined ? {} : { mem: nodes * memory },
    ...gpus > 0 ? { "gres/gpu": nodes * gpus } : {},
    ...gpus > 0 && type ? { [`gres/gpu:${type}`]: nodes * gpus } : {},
  };
}

/** The time limit in seconds; absent where none is given or it is unlimited. */
export function secondsOf({ time }: Resources): number | undefined {
  const seconds = time === undefined ? Infinity : parseDuration(time);
  return Number.isFinite(seconds) ? seconds : undefined;
}
