import type { Question } from "../ask.ts";
import { readCount, readList } from "../slurm_rows.ts";

/** What of slurm.conf matters to a user. */
export interface SlurmConfig {
  /** Name of the cluster. */
  clusterName: string;
  /** Version of the controller. */
  version?: string;
  /** Highest index of an array, and one more. */
  maxArraySize?: number;
  /** What is enforced, in lower case: `associations`, `limits`, `qos`, `safe`, `wckeys`; or none. */
  enforced?: string[];
  /** False where nothing is accounted: there are no accounts then, and no sacct. */
  accounting?: boolean;
  /** Whether a job is billed the dearest of its resources, and not their sum (MAX_TRES). */
  billsMax?: boolean;
  /** The controller's clock when it answered, in seconds since 1970. */
  controllerTime?: number;
}

/** slurm.conf as the controller has it. */
export const configQuestion: Question<SlurmConfig> = {
  argv: ["scontrol", "show", "config"],
  parse: parseConfig,
};

function parseConfig(stdout: string): SlurmConfig | undefined {
  const values = new Map(
    Array.from(stdout.matchAll(/^(\w+) *= *(.*?) *$/gm), ([, key, value]) => [key!, value!]),
  );
  const clusterName = values.get("ClusterName");
  if (!clusterName || clusterName === "(null)") return undefined;
  const enforce = values.get("AccountingStorageEnforce");
  const type = values.get("AccountingStorageType");
  const flags = values.get("PriorityFlags");
  const [, time] = /^Configuration data as of (\d+)\s*$/m.exec(stdout) ?? [];
  return {
    clusterName,
    version: values.get("SLURM_VERSION"),
    maxArraySize: readCount(values.get("MaxArraySize")),
    enforced: enforce === undefined ? undefined : readEnforced(enforce),
    accounting: type === undefined ? undefined : !/none|\(null\)/.test(type),
    ...flags === undefined ? {} : { billsMax: /\bMAX_TRES\b/.test(flags) },
    controllerTime: readCount(time),
  };
}

function readEnforced(text: string): string[] {
  return readList(text.toLowerCase()).filter((word) => word !== "none");
}

/** Whether the controller answers; asks no more of it, so that it is quick where it does not. */
export const pingQuestion: Question<string> = {
  argv: ["scontrol", "ping"],
  parse: (stdout) => /\bis (UP|DOWN)\b/.test(stdout) ? stdout.trim().split("\n").at(-1) : undefined,
};
