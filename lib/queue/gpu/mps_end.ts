import { join } from "node:path";
import type { Clock } from "../../system/clock.ts";
import { removeIfThere } from "../../system/files.ts";
import type { Runner } from "../../system/runner.ts";
import { sendSignal } from "../../schedulers/batch/processes.ts";
import { tellMps } from "./mps_control.ts";
import { processesOf } from "./mps_processes.ts";

/** How a daemon ended. */
export interface Ended {
  folder: string;
  /** `gone`: it ran no more; `quit`: it was told to; `killed`: it did not listen; `runs`: nor then. */
  how: "gone" | "quit" | "killed" | "runs";
}

/** How long the daemon has for each of `quit`, TERM and KILL. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 50;

/**
 * Ends the daemon of a folder, which is then removed: `quit`; then TERM and KILL for the processes
 * of MPS that were started with this very folder, and for no others.
 */
export async function endDaemon(
  folder: string,
  { runner, clock }: { runner: Runner; clock: Clock },
): Promise<Ended> {
  const pipe = join(folder, "pipe");
  let how: Ended["how"] = "gone";
  if (processesOf(pipe).mps.length > 0) {
    await tellMps(runner, pipe, "quit");
    how = await endedIn(pipe, clock) ? "quit" : await killed(pipe, clock) ? "killed" : "runs";
  }
  if (how !== "runs") removeIfThere(folder);
  return { folder, how };
}

async function killed(pipe: string, clock: Clock): Promise<boolean> {
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    for (const pid of processesOf(pipe).mps) sendSignal(pid, signal);
    if (await endedIn(pipe, clock)) return true;
  }
  return false;
}

async function endedIn(pipe: string, clock: Clock): Promise<boolean> {
  const end = clock.now() + PATIENCE_MS;
  while (processesOf(pipe).mps.length > 0) {
    if (clock.now() >= end) return false;
    await clock.sleep(PAUSE_MS);
  }
  return true;
}
