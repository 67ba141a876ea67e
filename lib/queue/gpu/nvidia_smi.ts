import type { Command } from "../../system/runner.ts";
import type { ComputeMode } from "./devices.ts";

/** Where nothing uses the GPUs, their driver may have to start first; where one is broken it hangs. */
const PATIENCE_MS = 60_000;
/** Where something does, it answers at once. */
const SHORT_PATIENCE_MS = 10_000;

function nvidiaSmi(timeoutMs: number, ...args: string[]): Command {
  return { argv: ["nvidia-smi", ...args], timeoutMs };
}

/** Asks for the GPUs that this process may see. */
export const gpusCommand: Command = nvidiaSmi(
  PATIENCE_MS,
  "--query-gpu=index,uuid,name,memory.total,memory.used,mig.mode.current,compute_mode",
  "--format=csv,noheader,nounits",
);

/** Asks for the GPUs with their MIG instances; drivers older than MIG know it too. */
export const listCommand: Command = nvidiaSmi(PATIENCE_MS, "-L");

/** Asks which process uses how much memory of which GPU. */
export const processesCommand: Command = nvidiaSmi(
  SHORT_PATIENCE_MS,
  "--query-compute-apps=pid,gpu_uuid,used_memory",
  "--format=csv,noheader,nounits",
);

/** A GPU as nvidia-smi tells it; what it does not tell is absent. */
export interface SmiGpu {
  index: number;
  uuid: string;
  model: string;
  /** In MiB. */
  memory?: number;
  /** In MiB. */
  used?: number;
  /** Whether it is divided into MIG instances. */
  mig?: boolean;
  mode?: ComputeMode;
}

/** What one process uses of one GPU. */
export interface ProcessUse {
  pid: number;
  uuid: string;
  /** In MiB; absent where the driver does not tell. */
  memory?: number;
}

/** A GPU with its MIG instances. */
export interface SmiListed {
  index: number;
  uuid: string;
  model: string;
  instances: { uuid: string; profile: string }[];
}

const MODES: ReadonlySet<string> = new Set<ComputeMode>([
  "Default",
  "Exclusive_Process",
  "Exclusive_Thread",
  "Prohibited",
]);

/** Reads the reply to {@linkcode gpusCommand}; `undefined` where it is none. */
export function parseGpus(stdout: string): SmiGpu[] | undefined {
  const rows = stdout.matchAll(
    /^(\d+), (GPU-[^,\s]+), (.+), ([^,]+), ([^,]+), ([^,]+), ([^,\n]+?)\s*$/gm,
  );
  const gpus = Array.from(rows, ([, index, uuid, model, memory, used, mig, mode]): SmiGpu => ({
    index: Number(index),
    uuid: uuid!,
    model: model!,
    ...present("memory", mebibytes(memory!)),
    ...present("used", mebibytes(used!)),
    ...present("mig", { Enabled: true, Disabled: false }[mig!]),
    ...present("mode", MODES.has(mode!) ? mode as ComputeMode : undefined),
  }));
  return gpus.length > 0 || saysNone(stdout) ? gpus : undefined;
}

/** Reads the reply to {@linkcode listCommand}; `undefined` where it is none. */
export function parseList(stdout: string): SmiListed[] | undefined {
  const gpus: SmiListed[] = [];
  for (const line of stdout.split("\n")) {
    const [, index, model, uuid] = /^GPU (\d+): (.+) \(UUID: (GPU-\S+)\)\s*$/.exec(line) ?? [];
    if (uuid !== undefined) gpus.push({ index: Number(index), uuid, model: model!, instances: [] });
    const [, profile, instance] = /^\s+MIG (\S+)\s+Device\s+\d+: \(UUID: (MIG-\S+)\)/.exec(line) ??
      [];
    if (instance !== undefined) gpus.at(-1)?.instances.push({ uuid: instance, profile: profile! });
  }
  return gpus.length > 0 || saysNone(stdout) ? gpus : undefined;
}

/** Reads the reply to {@linkcode processesCommand}; no line means that no process uses a GPU. */
export function parseProcesses(stdout: string): ProcessUse[] {
  const rows = stdout.matchAll(/^(\d+), ([^,\s]+), (.+?)\s*$/gm);
  return Array.from(rows, ([, pid, uuid, memory]): ProcessUse => ({
    pid: Number(pid),
    uuid: uuid!,
    ...present("memory", mebibytes(memory!)),
  }));
}

function saysNone(stdout: string): boolean {
  return /no devices were found/i.test(stdout);
}

/** `[N/A]`, `[Not Supported]`, `[Insufficient Permissions]` are no numbers. */
function mebibytes(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function present<K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : { [key]: value } as Record<K, T>;
}
