import { familyOf, sendSignal } from "../batch/processes.ts";
import type { ProcessId } from "../batch/processes.ts";
import type { World } from "./world.ts";

/** An attempt that is over, and may have left processes. */
export interface Leftover {
  shepherd: ProcessId;
  batch?: number;
}

/** Kills what is left of attempts that are over: a job ends with its batch script, as in Slurm. */
export async function sweep(world: World, attempts: Leftover[]): Promise<void> {
  if (attempts.length === 0) return;
  const rows = await world.processes.all();
  for (const { shepherd, batch } of attempts) {
    for (const pid of familyOf(rows, shepherd, batch)) sendSignal(pid, "SIGKILL");
  }
}
