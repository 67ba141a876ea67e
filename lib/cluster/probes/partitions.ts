import { parseDuration } from "../../core/durations.ts";
import type { Question } from "../ask.ts";
import { readCount, readList } from "../slurm_rows.ts";

/** A number, or that there is no limit. */
export type Limit = number | "unlimited";

/** A partition, its limits and whom it lets in. A list that is absent lets everybody in. */
export interface Partition {
  /** Name of the partition. */
  name: string;
  /** `UP`, `DOWN`, `DRAIN` or `INACTIVE`. */
  state: string;
  /** Quality of service whose limits hold for all its jobs. */
  qos?: string;
  /** Whether other partitions may take its nodes from running jobs; absent where not said. */
  mayBePreempted?: boolean;
  /** TRES → what one of it is billed, as a unit of `billing`; memory is by MiB. */
  billing?: Record<string, number>;
  /** Whether jobs that name none go there. */
  isDefault: boolean;
  /** Longest time of a job in seconds; absent where nothing was said. */
  maxTime?: Limit;
  /** Time of a job that names none, in seconds. */
  defaultTime?: Limit;
  /** Most nodes of a job. */
  maxNodes?: Limit;
  /** How many nodes it has. */
  nodes?: number;
  /** How many CPUs it has. */
  cpus?: number;
  /** Only these accounts, and in newer versions those below them. */
  allowAccounts?: string[];
  /** All accounts but these. */
  denyAccounts?: string[];
  /** Only these QOS. */
  allowQos?: string[];
  /** All QOS but these. */
  denyQos?: string[];
  /** Only members of these groups. */
  allowGroups?: string[];
  /** Only from these machines. */
  allocNodes?: string[];
  /** Whether only root may submit there. */
  rootOnly: boolean;
  /** Whether only jobs of a reservation may run there. */
  needsReservation: boolean;
}

/** All partitions, those too that are hidden from this user. */
export const partitionsQuestion: Question<Partition[]> = {
  argv: ["scontrol", "--all", "--oneliner", "show", "partition"],
  name: "scontrol show partition",
  parse: parsePartitions,
};

/** Reads `PartitionName=cpu AllowGroups=ALL …` lines; a line that was cut is left aside. */
export function parsePartitions(stdout: string): Partition[] | undefined {
  const lines = stdout.split("\n").filter((line) => /^PartitionName=\S/.test(line));
  const partitions = lines.map(parsePartition).filter((one) => one !== undefined);
  const nothing = /no partitions in the system/i.test(stdout);
  return partitions.length === 0 && !nothing ? undefined : partitions;
}

function parsePartition(line: string): Partition | undefined {
  const values = new Map(
    Array.from(line.matchAll(/(?:^|\s)(\w+)=(\S*)/g), ([, key, value]) => [key!, value!]),
  );
  const name = values.get("PartitionName");
  const state = values.get("State");
  if (!name || !state) return undefined;
  const some = (key: string) => {
    const list = readList(values.get(key));
    return list.length === 0 || list.includes("ALL") ? undefined : list;
  };
  return {
    name,
    state,
    ...optional("qos", readList(values.get("QoS"))[0]),
    ...optional("mayBePreempted", readPreempted(values.get("PreemptMode"))),
    ...optional("billing", readWeights(values.get("TRESBillingWeights"))),
    isDefault: values.get("Default") === "YES",
    maxTime: readLimit(values.get("MaxTime")),
    defaultTime: readLimit(values.get("DefaultTime")),
    maxNodes: readLimit(values.get("MaxNodes")),
    nodes: readCount(values.get("TotalNodes")),
    cpus: readCount(values.get("TotalCPUs")),
    allowAccounts: some("AllowAccounts"),
    denyAccounts: some("DenyAccounts"),
    allowQos: some("AllowQos"),
    denyQos: some("DenyQos"),
    allowGroups: some("AllowGroups"),
    allocNodes: some("AllocNodes"),
    rootOnly: values.get("RootOnly") === "YES",
    needsReservation: values.get("ReqResv") === "YES",
  };
}

function optional<Name extends string, T>(name: Name, value: T | undefined): { [K in Name]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: T };
}

/** `OFF`, or what becomes of its jobs: `REQUEUE`, `CANCEL`, `GANG,SUSPEND`. */
function readPreempted(mode: string | undefined): boolean | undefined {
  return mode === undefined ? undefined : /requeue|cancel|suspend/i.test(mode);
}

const MIB_OF: Record<string, number> = { "": 1, M: 1, K: 1 / 1024, G: 1024, T: 1024 ** 2 };

/** Reads `CPU=1.0,Mem=0.25G,GRES/gpu:a100=2.0`: with a suffix, a weight is for so much memory. */
function readWeights(text: string | undefined): Record<string, number> | undefined {
  const weights = readList(text).flatMap((part) => {
    const [, name, number, suffix] = /^([^=]+)=([\d.]+)([KMGT]?)$/i.exec(part) ?? [];
    if (name === undefined) return [];
    return [[name.toLowerCase(), Number(number) / MIB_OF[suffix!.toUpperCase()]!] as const];
  });
  return weights.length > 0 ? Object.fromEntries(weights) : undefined;
}

/** Slurm writes counts bare and times with colons. */
function readLimit(text: string | undefined): Limit | undefined {
  if (/^(unlimited|infinite)$/i.test(text ?? "")) return "unlimited";
  return text !== undefined && /^(\d+-)?\d+(:\d+)+$/.test(text)
    ? parseDuration(text)
    : readCount(text);
}
