import type { Resources } from "../core/resources.ts";
import type { ResultRecord } from "./records.ts";

/** What time is counted of. */
export type Device = "gpu" | "cpu";

/**
 * Hours that a run held devices: of each stage the time of its last execution, times what its job
 * asked for. `undefined` where a time or a number is not known; 0 for a run that asked for none.
 */
export function deviceHours(record: ResultRecord, device: Device): number | undefined {
  const stages = Object.entries(record.resources ?? {});
  if (stages.length === 0) return undefined;
  let seconds = 0;
  for (const [stage, resources] of stages) {
    const count = device === "gpu" ? gpusOf(resources) : cpusOf(resources);
    const elapsed = record.stageElapsed?.[stage] ??
      (stages.length === 1 ? record.elapsed : undefined);
    if (count === 0) continue;
    if (count === undefined || elapsed === undefined) return undefined;
    seconds += count * elapsed;
  }
  return seconds / 3600;
}

/** Over all nodes; further options of sbatch may ask for more than the words say. */
function gpusOf({ gpus, nodes = 1, sbatch = [] }: Resources): number | undefined {
  if (sbatch.some((option) => /^--(gres|gpus|tres)/.test(option))) return undefined;
  return (gpus ?? 0) * nodes;
}

function cpusOf(resources: Resources): number | undefined {
  const { cpus_per_task, ntasks, ntasks_per_node = 1, nodes = 1, exclusive } = resources;
  if (cpus_per_task === undefined || exclusive) return undefined;
  return cpus_per_task * (ntasks ?? ntasks_per_node * nodes);
}
