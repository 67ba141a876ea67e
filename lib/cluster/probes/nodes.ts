import { type GpuCount, parseGpus } from "../../core/gres.ts";
import { expandHostlist } from "../../core/hostlist.ts";
import type { Question } from "../ask.ts";
import { readCount, readList, tableRows } from "../slurm_rows.ts";

/** Nodes of one partition that are alike. */
export interface NodeGroup {
  /** Name of the partition; nodes may be in several. */
  partition: string;
  /** Their state in Slurm's words, with its marks (`idle`, `mixed`, `down*`). */
  state: string;
  /** How many there are. */
  count: number;
  /** As a hostlist. */
  nodes: string;
  /** Of each node; of the smallest, where they differ. */
  cpus?: number;
  /** Of each node, in MiB; of the smallest, where they differ. */
  memory?: number;
  /** Of each node, busy or not. */
  gpus: GpuCount[];
  /** What a `--constraint` may ask for. */
  features: string[];
}

/** All nodes, those alike on one line; without a width no field is cut. */
export const nodesQuestion: Question<NodeGroup[]> = {
  argv: ["sinfo", "--noheader", "--all", "--format=%R|%D|%T|%c|%m|%G|%f|%N"],
  name: "sinfo",
  parse: parseNodes,
};

/** Reads `gpu|2|idle|32|512000|gpu:a100:4(S:0-1)|rome,ib|gpu[01-02]` lines. */
export function parseNodes(stdout: string): NodeGroup[] | undefined {
  return tableRows(stdout, 8)?.filter(([, count]) => /^\d+$/.test(count!)).map((row) => {
    const [partition, count, state, cpus, memory, gres, features, nodes] = row as string[];
    return {
      partition: partition!,
      state: state!,
      count: Number(count),
      nodes: nodes!,
      cpus: readCount(cpus!.replace(/\+$/, "")),
      memory: readCount(memory!.replace(/\+$/, "")),
      gpus: parseGpus(gres!),
      features: readList(features),
    };
  });
}

/** What there is of one kind of node in all partitions together. */
export interface NodeKind {
  count: number;
  /** Of each node. */
  cpus?: number;
  /** Of each node, in MiB. */
  memory?: number;
  /** Of each node. */
  gpus: GpuCount[];
  features: string[];
  /** Where they are. */
  partitions: string[];
}

/** Nodes by kind, each counted once however many partitions it is in; GPU nodes first. */
export function nodeKinds(groups: readonly NodeGroup[]): NodeKind[] {
  const kinds = new Map<string, NodeKind & { names: Set<string> }>();
  for (const { partition, cpus, memory, gpus, features, nodes } of groups) {
    const key = JSON.stringify([cpus, memory, gpus, features]);
    const kind = kinds.get(key) ??
      { count: 0, cpus, memory, gpus, features, partitions: [], names: new Set() };
    for (const name of expandHostlist(nodes)) kind.names.add(name);
    if (!kind.partitions.includes(partition)) kind.partitions.push(partition);
    kinds.set(key, kind);
  }
  return [...kinds.values()]
    .map(({ names, ...kind }) => ({ ...kind, count: names.size }))
    .sort((a, b) => b.gpus.length - a.gpus.length);
}
