import type { FreeNode } from "../cluster/capacity.ts";
import type { Tres } from "../core/tres.ts";
import type { AdviceRequest, NodeNeed, Shape } from "./request.ts";

/** Says what no node of a partition has. */
export function misfit(
  { gpus, nodes, resources }: AdviceRequest,
  type: string | undefined,
): string {
  const what = gpus === 0 ? "" : `${gpus} ${type ? `${type} ` : ""}GPUs`;
  const { mem, cpus_per_task } = resources;
  const beside = [
    what,
    nodes === undefined ? "" : `${nodes} nodes`,
    mem === undefined ? "" : `${mem} of memory a node`,
    cpus_per_task === undefined ? "" : `${cpus_per_task} CPUs a task`,
  ].filter((one) => one !== "");
  return `no nodes there have ${beside.join(", ") || "what is asked for"}, busy or not`;
}

/** Nodes that can give it at all, and now. */
export interface Fits {
  all: FreeNode[];
  now: number;
}

/** Nodes with that much of this type of GPU; every type counts where none is given. */
export function nodesFor(
  here: readonly FreeNode[],
  need: NodeNeed,
  type: string | undefined,
): Fits {
  const all = here.filter(({ node }) => {
    const gpus = node.gpus.filter((one) => !type || one.type === type)
      .reduce((sum, { count }) => sum + count, 0);
    return gpus >= need.gpus && node.cpus.total >= need.cpus &&
      node.memory.total >= (need.memory ?? 0);
  });
  const now = all.filter((one) => {
    const counts = [...one.gpus].filter(([own]) => !type || own === type)
      .map(([, count]) => count ?? 0);
    const gpus = counts.reduce((sum, count) => sum + count, 0);
    return one.usable && gpus >= need.gpus && one.cpus >= need.cpus &&
      one.memory >= (need.memory ?? 0) && (!need.whole || one.node.cpus.allocated === 0);
  });
  return { all, now: now.length };
}

/** Whether a job of this shape takes all of a node that matters. */
export function isWhole(node: FreeNode["node"], { nodes, gpus }: Shape, tres: Tres): boolean {
  if (gpus === 0) return tres.cpu! / nodes >= node.cpus.total;
  return node.gpus.reduce((sum, { count }) => sum + count, 0) === gpus;
}
