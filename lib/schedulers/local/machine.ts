import { readIfThere } from "../../system/files.ts";
import type { Runner } from "../../system/runner.ts";
import type { Machine } from "../batch/job_spec.ts";
import { type Layout, makeLayout } from "./store.ts";
import { temporaryPath } from "./temporary.ts";

/** How a supervisor works. What is absent is found out, or has its default. */
export interface LocalSettings {
  /** CPU slots; the machine's unless told. */
  cpus?: number;
  /** GPUs, numbered from 0; what nvidia-smi lists unless told. */
  gpus?: number;
  /** Seconds without unfinished jobs after which the supervisor exits; 5 unless told. */
  idleSeconds?: number;
  /** Seconds from TERM to KILL; 30 unless told, as in Slurm. */
  killWaitSeconds?: number;
}

/** Leaves the settings for the supervisor that is about to be started. */
export function writeSettings(layout: Layout, settings: LocalSettings): void {
  makeLayout(layout);
  const made = temporaryPath(layout);
  Deno.writeTextFileSync(made, `${JSON.stringify(settings)}\n`);
  Deno.renameSync(made, layout.settings);
}

/** The settings left for the supervisor. */
export function readSettings(layout: Layout): LocalSettings {
  return JSON.parse(readIfThere(layout.settings) ?? "{}");
}

/** Indices in the output of `nvidia-smi --query-gpu=index --format=csv,noheader`. */
export function parseGpuIndices(output: string): number[] {
  return output.split("\n").filter((line) => /^\s*\d+\s*$/.test(line)).map(Number);
}

async function findGpus(runner: Runner): Promise<number[]> {
  const argv: [string, ...string[]] = [
    "nvidia-smi",
    "--query-gpu=index",
    "--format=csv,noheader",
  ];
  const { code, stdout } = await runner.run({ argv });
  return code === 0 ? parseGpuIndices(stdout) : [];
}

/** CPU slots there are. */
export function machineCpus(settings: LocalSettings): number {
  return settings.cpus ?? navigator.hardwareConcurrency;
}

/** Seconds from TERM to KILL. */
export function killWaitSeconds(settings: LocalSettings): number {
  return settings.killWaitSeconds ?? 30;
}

/** What this machine has to give, as far as the settings do not say. */
export async function findMachine(settings: LocalSettings, runner: Runner): Promise<Machine> {
  return {
    cpus: machineCpus(settings),
    gpus: settings.gpus === undefined
      ? await findGpus(runner)
      : Array.from({ length: settings.gpus }, (_, index) => index),
  };
}
