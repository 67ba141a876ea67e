import { SchedulerError } from "../../core/errors.ts";
import type { JobSpec } from "./job_spec.ts";

/** The effective value of each option of a script. */
export type Options = ReadonlyMap<string, string>;

function count(options: Options, name: string): number | undefined {
  const text = options.get(name);
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text);
  throw new SchedulerError(`Cannot read --${name}=${text}: a whole number from 1 was expected`);
}

function sum(text: string, pattern: RegExp, what: string): number {
  return text.split(",").reduce((total, part) => {
    const match = pattern.exec(part);
    if (match) return total + Number(match[1] ?? 1);
    throw new SchedulerError(`Cannot read ${what}=${text} as a number of GPUs`, {
      hint: "write --gpus=2 or --gpus=a100:2",
    });
  }, 0);
}

/** `2`, `a100:2`, `a100` */
const COUNT_OR_TYPE = /^(?:(?:[A-Za-z][^:]*:)?(\d{1,4})|[A-Za-z][^:]*)$/;
/** `gpu`, `gpu:2`, `gpu:a100`, `gpu:a100:2` */
const GRES = /^gpu(?::[A-Za-z][^:]*)?(?::(\d{1,4}))?$/;

function gpusOf(options: Options, ntasks: number): number {
  const shares = { "gpus": 1, "gpus-per-node": 1, "gpus-per-task": ntasks };
  for (const [name, times] of Object.entries(shares)) {
    const text = options.get(name);
    if (text !== undefined) return times * sum(text, COUNT_OR_TYPE, `--${name}`);
  }
  const gres = (options.get("gres") ?? "").replaceAll("gres/gpu", "gpu").split(",")
    .filter((part) => /^gpu\b/.test(part));
  return gres.length === 0 ? 0 : sum(gres.join(), GRES, "--gres");
}

function checkNodes(options: Options): void {
  const text = options.get("nodes");
  if (text === undefined || /^1(-\d+)?$/.test(text)) return;
  throw new SchedulerError(`Cannot run on --nodes=${text}: a job has one node here`, {
    hint: "ask for --nodes=1, or submit to a cluster",
  });
}

/** What a job takes of this machine. */
export type Shares = Pick<JobSpec, "ntasks" | "cpusPerTask" | "cpus" | "gpus">;

/**
 * Reads what a job asks for. CPUs that the machine lacks are left out, with a note.
 *
 * @throws {SchedulerError} when it asks for more nodes than the one there is.
 */
export function readShares(options: Options, machineCpus: number, notes: string[]): Shares {
  checkNodes(options);
  const ntasks = count(options, "ntasks") ?? count(options, "ntasks-per-node") ?? 1;
  const cpusPerTask = count(options, "cpus-per-task");
  const asked = options.has("exclusive") ? machineCpus : ntasks * (cpusPerTask ?? 1);
  if (asked > machineCpus) {
    notes.push(`${asked} CPUs asked for, ${machineCpus} there: takes ${machineCpus}`);
  }
  return {
    ntasks,
    cpusPerTask,
    cpus: Math.min(asked, machineCpus),
    gpus: gpusOf(options, ntasks),
  };
}
