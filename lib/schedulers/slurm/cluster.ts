import { parseGpus } from "../../core/gres.ts";
import type { Topology } from "../scheduler.ts";
import { clusterOption } from "./job_id.ts";

/** What of slurm.conf matters here. */
export interface ClusterConfig {
  /** Highest number of tasks in an array (MaxArraySize, MaxJobCount); 0 where there are none. */
  maxArrayTasks: number;
  /** Seconds that the controller remembers a job which ended; absent when it never forgets. */
  minJobAge?: number;
  /** Its name in accounting. */
  cluster?: string;
  /** Whether the controller heeds limits of accounts and QOS at all. */
  enforcesLimits: boolean;
}

/** Asks for slurm.conf as the controller has it. */
export const configCommand: [string, ...string[]] = ["scontrol", "show", "config"];

/** Reads `Key = value` lines; `undefined` when MaxArraySize or MinJobAge is not among them. */
export function parseConfig(stdout: string): ClusterConfig | undefined {
  const values = new Map(
    Array.from(stdout.matchAll(/^(\w+) *= *(.*)$/gm), ([, key, value]) => [key!, value!]),
  );
  const size = parseInt(values.get("MaxArraySize") ?? "", 10);
  const age = parseInt(values.get("MinJobAge") ?? "", 10);
  if (Number.isNaN(size) || Number.isNaN(age)) return undefined;
  const [, tasks] = /\bmax_array_tasks=(\d+)/.exec(values.get("SchedulerParameters") ?? "") ?? [];
  const jobs = parseInt(values.get("MaxJobCount") ?? "", 10);
  const maxArrayTasks = Math.min(
    Math.max(size - 1, 0),
    Number(tasks ?? Infinity),
    jobs > 0 ? jobs : Infinity,
  );
  return {
    maxArrayTasks,
    minJobAge: age === 0 ? undefined : age,
    cluster: values.get("ClusterName"),
    enforcesLimits: /\b(limits|safe|all)\b/.test(values.get("AccountingStorageEnforce") ?? ""),
  };
}

/** Every node once for each partition it is in, hidden ones too. */
export const nodesCommand: [string, ...string[]] = [
  "sinfo",
  "--noheader",
  "--all",
  "--Node",
  "--format=%N|%c|%G",
];

/** Reads `gpu01|32|gpu:a100:4(S:0-1),gpu:1` lines; other generic resources are left aside. */
export function parseNodes(stdout: string): Topology["nodes"] {
  const nodes = new Map<string, Topology["nodes"][number]>();
  for (const [, name, cpus, gres] of stdout.matchAll(/^([^|\s]+)\|(\d+)\|(.*)$/gm)) {
    nodes.set(name!, { name: name!, cpus: Number(cpus), gpus: countGpus(gres!) });
  }
  return [...nodes.values()];
}

function countGpus(gres: string): number {
  return parseGpus(gres).reduce((sum, { count }) => sum + count, 0);
}

/** The controller's statistics: among them, what it has not told the database yet. */
export function statisticsCommand(cluster?: string): [string, ...string[]] {
  return ["sdiag", ...clusterOption(cluster)];
}

/** How many records wait to be written to accounting; `undefined` when nothing says so. */
export function parseBacklog(stdout: string): number | undefined {
  const [, size] = /DBD Agent queue size: *(\d+)/.exec(stdout) ?? [];
  return size === undefined ? undefined : Number(size);
}
