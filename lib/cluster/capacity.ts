import type { NodeUse } from "./probes/node_use.ts";

/** What jobs may get of a node now. */
export interface FreeNode {
  node: NodeUse;
  /** False where it is down, drained, reserved, planned for another job or in maintenance. */
  usable: boolean;
  /** 0 where it is not usable. */
  cpus: number;
  /** In MiB. */
  memory: number;
  /** Type → GPUs that no job has; `""` where no type is given. `undefined`: Slurm did not say. */
  gpus: ReadonlyMap<string, number | undefined>;
}

/** Free and total of one kind of GPU, or of nodes without any, in one partition. */
export interface Capacity {
  /** Name of the partition; nodes may be in several, and are counted in each. */
  partition: string;
  /** Type of GPU in Slurm's words; absent for nodes without GPUs, and GPUs without a type. */
  gpuType?: string;
  /** How many nodes there are. */
  nodes: number;
  /** Nodes that jobs may get. */
  usableNodes: number;
  /** Usable nodes with nothing on them. */
  idleNodes: number;
  /** GPUs of all these nodes, also of those out of use; 0 for nodes without GPUs. */
  gpus: number;
  /** GPUs of usable nodes that no job has; `null` where Slurm does not say what is used. */
  freeGpus: number | null;
  /** Most free GPUs on one node; `null` as above. */
  mostFreeGpus: number | null;
  /** CPUs of all these nodes. */
  cpus: number;
  /** CPUs of usable nodes that no job has. */
  freeCpus: number;
  /** Memory of all these nodes, in MiB. */
  memory: number;
  /** Memory of usable nodes that no job asked for, in MiB. */
  freeMemory: number;
}

/** Base states of nodes that take jobs; a node that saves power (`powered_down`) is woken for one. */
const TAKES_JOBS = /^(idle|mixed|allocated)\b/;
/** What is added to the state of nodes that are not for our jobs now. */
const KEPT_FROM_US =
  /drain|down\b|fail|maint|reserved|resv|plan|reboot|powering|blocked|invalid|not_resp|external/;

/** Whether a node in this state (`idle`, `mixed+drain`) gives a new job something now. */
export function isUsable(state: string): boolean {
  return TAKES_JOBS.test(state) && !KEPT_FROM_US.test(state.replace("powered_down", ""));
}

/** What is free on each node. */
export function freeNodes(nodes: readonly NodeUse[]): FreeNode[] {
  return nodes.map((node) => {
    const usable = isUsable(node.state);
    const { cpus, memory } = node;
    return {
      node,
      usable,
      cpus: usable ? cpus.idle : 0,
      memory: usable ? Math.max(0, memory.total - memory.allocated) : 0,
      gpus: freeGpus(node, usable),
    };
  });
}

function freeGpus({ gpus, gpusUsed }: NodeUse, usable: boolean): Map<string, number | undefined> {
  const free = new Map<string, number | undefined>();
  for (const { type = "", count } of gpus) free.set(type, (free.get(type) ?? 0) + count);
  for (const [type, total = 0] of free) {
    const used = gpusUsed?.filter((one) => (one.type ?? "") === type)
      .reduce((sum, { count }) => sum + count, 0);
    const left = used === undefined ? undefined : Math.max(0, total - used);
    free.set(type, usable ? left : 0);
  }
  return free;
}

/** Free and total by partition and type of GPU, in the order of the partitions' names. */
export function capacities(free: readonly FreeNode[]): Capacity[] {
  const found = new Map<string, Capacity>();
  for (const one of free) {
    const types = one.gpus.size > 0 ? [...one.gpus.keys()] : [undefined];
    for (const partition of one.node.partitions) {
      for (const type of types) {
        const key = `${partition}\n${type ?? "-"}`;
        const known = found.get(key) ?? nothing(partition, type);
        add(known, one, type);
        found.set(key, known);
      }
    }
  }
  return [...found.values()].sort((a, b) =>
    a.partition.localeCompare(b.partition) || b.gpus - a.gpus ||
    (a.gpuType ?? "").localeCompare(b.gpuType ?? "")
  );
}

function nothing(partition: string, type: string | undefined): Capacity {
  return {
    partition,
    ...type ? { gpuType: type } : {},
    nodes: 0,
    usableNodes: 0,
    idleNodes: 0,
    gpus: 0,
    freeGpus: 0,
    mostFreeGpus: 0,
    cpus: 0,
    freeCpus: 0,
    memory: 0,
    freeMemory: 0,
  };
}

function add(sum: Capacity, { node, usable, cpus, memory, gpus }: FreeNode, type?: string): void {
  sum.nodes += 1;
  sum.usableNodes += usable ? 1 : 0;
  sum.idleNodes += usable && node.cpus.allocated === 0 ? 1 : 0;
  sum.cpus += node.cpus.total;
  sum.freeCpus += cpus;
  sum.memory += node.memory.total;
  sum.freeMemory += memory;
  if (type === undefined) return;
  for (const { type: own = "", count } of node.gpus) if (own === type) sum.gpus += count;
  const free = gpus.get(type);
  const known = free !== undefined && sum.freeGpus !== null;
  sum.mostFreeGpus = known ? Math.max(sum.mostFreeGpus!, free) : null;
  sum.freeGpus = known ? sum.freeGpus! + free : null;
}

/** Free and total by type of GPU on the whole cluster: each node counts once. */
export function clusterCapacities(free: readonly FreeNode[]): Omit<Capacity, "partition">[] {
  const once = free.map((one) => ({ ...one, node: { ...one.node, partitions: [""] } }));
  return capacities(once).map(({ partition: _, ...rest }) => rest);
}
