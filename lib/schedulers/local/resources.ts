import { SchedulerError } from "../../core/errors.ts";
import type { JobSpec, Machine } from "./job_spec.ts";

/** The effective value of each option of a script. */
export type Options = ReadonlyMap<string, string>;

function count(options: Options, name: string): number | undefined {
  const text = options.get(name);
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text);
  throw new SchedulerError(`Cannot read --${name}=${text}: a whole number from 1 was expected`);
}

/** `2`, `a100:2`, `a100`, `a100:1,v100:1` → how many. */
function gpuCount(name: string, text: string): number {
  return text.split(",").reduce((sum, part) => {
    const match = /^(?:[A-Za-z][^:]*)?(?::?(\d{1,4}))?$/.exec(part);
    if (match && part !== "") return sum + Number(match[1] ?? 1);
    throw new SchedulerError(`Cannot read --${name}=${text} as a number of GPUs`, {
      hint: "write --gpus=2 or --gpus=a100:2",
    });
  }, 0);
}

function gpusOf(options: Options, ntasks: number): number {
  for (const name of ["gpus", "gpus-per-node"]) {
    const text = options.get(name);
    if (text !== undefined) return gpuCount(name, text);
  }
  const each = options.get("gpus-per-task");
  if (each !== undefined) return gpuCount("gpus-per-task", each) * ntasks;
  const gres = (options.get("gres") ?? "").split(",").map((part) => part.replace("/", ":"));
  return gres.filter((part) => part.split(":")[0] === "gpu")
    .reduce((sum, part) => sum + (part === "gpu" ? 1 : gpuCount("gres", part.slice(4))), 0);
}

function checkNodes(options: Options): void {
  const text = options.get("nodes");
  if (text === undefined || /^1(-\d+)?$/.test(text)) return;
  throw new SchedulerError(`Cannot run on --nodes=${text}: the local scheduler has one node`, {
    hint: "ask for --nodes=1, or submit to a cluster",
  });
}

/** What a job takes of this machine. */
export type Shares = Pick<JobSpec, "ntasks" | "cpusPerTask" | "cpus" | "gpus">;

/**
 * Reads what a job asks for. CPUs that the machine lacks are left out, with a note.
 *
 * @throws {SchedulerError} when it asks for more nodes or GPUs than there are.
 */
export function readShares(options: Options, machine: Machine, notes: string[]): Shares {
  checkNodes(options);
  const ntasks = count(options, "ntasks") ?? count(options, "ntasks-per-node") ?? 1;
  const cpusPerTask = count(options, "cpus-per-task");
  const asked = options.has("exclusive") ? machine.cpus : ntasks * (cpusPerTask ?? 1);
  if (asked > machine.cpus) {
    notes.push(`${asked} CPUs asked for, ${machine.cpus} there: takes ${machine.cpus}`);
  }
  const gpus = gpusOf(options, ntasks);
  if (gpus > machine.gpus.length) {
    throw new SchedulerError(
      `Cannot run with ${gpus} GPUs: ${machine.gpus.length} found on this machine`,
      { hint: "ask for fewer GPUs, or submit to a cluster; nvidia-smi lists what is there" },
    );
  }
  return { ntasks, cpusPerTask, cpus: Math.min(asked, machine.cpus), gpus };
}
