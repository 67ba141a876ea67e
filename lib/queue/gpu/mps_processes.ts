import { join } from "node:path";
import { readIfThere } from "../../system/files.ts";
import { startOfProcess } from "../../system/processes.ts";

/** Processes that were started with the folder of a daemon in their environment. */
export interface MpsProcesses {
  /** The daemon, its servers, and questions to it. */
  mps: number[];
  /** All others: what computes through it, or may. */
  users: number[];
}

/** This user's processes with a pipe folder in the environment they were started with. */
export function processesOf(pipe: string): MpsProcesses {
  const found: MpsProcesses = { mps: [], users: [] };
  const wanted = `\0CUDA_MPS_PIPE_DIRECTORY=${pipe}\0`;
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    if (!`\0${look(`/proc/${name}/environ`)}`.includes(wanted)) continue;
    const program = look(`/proc/${name}/comm`);
    if (program !== "") found[isMps(program) ? "mps" : "users"].push(Number(name));
  }
  const daemon = hiddenDaemon(pipe);
  if (daemon !== undefined) found.mps.push(daemon);
  return found;
}

/** The daemon by its own file, where its environment may not be read. */
function hiddenDaemon(pipe: string): number | undefined {
  const pid = look(join(pipe, "nvidia-cuda-mps-control.pid")).trim();
  if (!/^\d+$/.test(pid) || look(`/proc/${pid}/environ`) !== "") return undefined;
  const ended = startOfProcess(Number(pid)) === "";
  return !ended && isMps(look(`/proc/${pid}/comm`)) ? Number(pid) : undefined;
}

/** Linux keeps 15 bytes of a program's name: `nvidia-cuda-mps-control`, `nvidia-cuda-mps-server`. */
function isMps(program: string): boolean {
  return program.startsWith("nvidia-cuda-mps");
}

/** Empty where the process is gone, or another user's. */
function look(path: string): string {
  try {
    return readIfThere(path) ?? "";
  } catch {
    return "";
  }
}
