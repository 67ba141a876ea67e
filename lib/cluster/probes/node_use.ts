import { type GpuCount, parseGpus } from "../../core/gres.ts";
import type { Question } from "../ask.ts";
import { readCount, readList, tableRows } from "../slurm_rows.ts";

/** A node, and how much of it jobs have now. */
export interface NodeUse {
  /** Slurm's name of it. */
  name: string;
  /** Every partition it is in. */
  partitions: string[];
  /** In Slurm's words, with everything that is added to it: `mixed+drain`, `idle+planned`. */
  state: string;
  /** `total` is what it has; what is neither allocated nor idle is out of use. */
  cpus: { total: number; allocated: number; idle: number };
  /** In MiB. */
  memory: { total: number; allocated: number };
  /** All it has, by type. */
  gpus: GpuCount[];
  /** Those that jobs have; absent where Slurm did not say. */
  gpusUsed?: GpuCount[];
  /** What a `--constraint` may ask for. */
  features: string[];
}

const COLUMNS = [
  "NodeList",
  "PartitionName",
  "StateComplete",
  "CPUsState",
  "Memory",
  "AllocMem",
  "Gres",
  "GresUsed",
  "Features",
];

/** All nodes one by one, with what is used of each. */
export const nodeUseQuestion: Question<NodeUse[]> = {
  argv: [
    "sinfo",
    "--noheader",
    "--all",
    "--Node",
    `--Format=${COLUMNS.map((column) => `${column}:|`).join()}`,
  ],
  name: "sinfo --Node",
  parse: parseNodeUse,
};

/** Reads `gpu01|gpu|mixed|4/28/0/32|512000|4000|gpu:a100:4|gpu:a100:1(IDX:0)|rome,ib|` lines. */
export function parseNodeUse(stdout: string): NodeUse[] | undefined {
  const rows = tableRows(stdout, COLUMNS.length + 1);
  if (rows === undefined) return undefined;
  const nodes = new Map<string, NodeUse>();
  const gpusOf = remembered(parseGpus);
  const featuresOf = remembered(readList);
  for (const row of rows as [string, string, ...string[]][]) {
    const [name, partition, state = "", cpus = "", memory, allocated, gres = "", used = ""] = row;
    const known = nodes.get(name);
    if (known) {
      known.partitions.push(partition);
      continue;
    }
    const [, busy, idle, all] = /^(\d+)\/(\d+)\/\d+\/(\d+)$/.exec(cpus) ?? [];
    if (all === undefined) continue;
    nodes.set(name, {
      name,
      partitions: [partition],
      state: state.toLowerCase(),
      cpus: { total: Number(all), allocated: Number(busy), idle: Number(idle) },
      memory: { total: readCount(memory) ?? 0, allocated: readCount(allocated) ?? 0 },
      gpus: gpusOf(gres),
      gpusUsed: /gpu/.test(used) || !/gpu/.test(gres) ? gpusOf(used) : undefined,
      features: featuresOf(row[8]!),
    });
  }
  return rows.length > 0 && nodes.size === 0 ? undefined : [...nodes.values()];
}

/** Thousands of nodes say the same. */
function remembered<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const value = known.get(text) ?? read(text);
    known.set(text, value);
    return value;
  };
}
