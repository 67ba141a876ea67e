import { expandHostlist } from "../../core/hostlist.ts";
import {
  type Gpu,
  type GpusFound,
  isInstance,
  isOrdinal,
  parseVisible,
  VISIBLE,
  type VisibleVariable,
} from "./devices.ts";
import type { SmiGpu, SmiListed } from "./nvidia_smi.ts";

/** What nvidia-smi told. */
export interface Smi {
  /** Absent where it did not answer. */
  gpus?: SmiGpu[];
  /** With MIG instances; absent where it was not asked, or did not answer. */
  list?: SmiListed[];
  /** Why it did not answer. */
  why?: string;
  /** Whether AMD's driver is here. */
  amd?: boolean;
}

type Lists = [VisibleVariable, string[]][];

/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The GPUs that an allocation has on this node: those its variables name; else those that Slurm
 * says it gave; else, outside Slurm and on `wholeNodes`, all that nvidia-smi lists.
 */
export function gpusOf(env: Environment, smi: Smi, wholeNodes = false): GpusFound {
  const lists = VISIBLE.flatMap((variable): Lists =>
    env[variable] === undefined ? [] : [[variable, parseVisible(env[variable])]]
  );
  if (lists.length > 0) return named(lists, env, smi);
  const given = (["SLURM_STEP_GPUS", "SLURM_JOB_GPUS"] as const).find((name) => env[name]);
  if (given) return numbered(given, env[given]!, smi);
  if (!smi.gpus) return unknown(`no variable names GPUs, and ${silence(smi)}`);
  if (env.SLURM_JOB_ID !== undefined && !wholeNodes && smi.gpus.length > 0) {
    return unknown("Slurm does not say which GPUs of this node are the job's");
  }
  return listed(smi.gpus, smi, "nvidia-smi");
}

function unknown(source: string): GpusFound {
  return { source, variable: "CUDA_VISIBLE_DEVICES", notes: [] };
}

function silence({ why }: Smi): string {
  return `nvidia-smi does not tell${why === undefined ? "" : `: ${why}`}`;
}

/** Those that variables name; Slurm may set all of them, whoever made the GPUs. */
function named(lists: Lists, env: Environment, smi: Smi): GpusFound {
  const vendor = smi.gpus?.length
    ? "nvidia"
    : smi.amd || lists.every(([variable]) => variable === "ROCR_VISIBLE_DEVICES")
    ? "amd"
    : undefined;
  const ofVendor = vendor === "amd" ? "ROCR_VISIBLE_DEVICES" : "CUDA_VISIBLE_DEVICES";
  const [variable, entries] = lists.find(([name]) => vendor && name === ofVendor) ??
    lists.find(([, list]) => list.length > 0) ?? lists[0]!;
  const cuda = variable === "CUDA_VISIBLE_DEVICES";
  const gpus = entries.map((name): Gpu => ({ name, ...cuda ? factsOf(name, env, smi) : {} }));
  const notes = cuda && gpus.some(({ name, uuid }) => isOrdinal(name) && uuid === undefined)
    ? [`${variable} has numbers, and which GPUs these are is not known`]
    : [];
  return { gpus, variable, source: variable, notes, ...vendor ? { vendor } : {} };
}

function factsOf(entry: string, env: Environment, smi: Smi): Omit<Gpu, "name"> {
  if (isInstance(entry)) return instanceFacts(entry, smi);
  const found = isOrdinal(entry)
    ? inPciOrder(env, smi) && smi.gpus?.find(({ index }) => String(index) === entry)
    : startingWith(entry, smi.gpus);
  if (found) return found.mig ? {} : wholeFacts(found); // of a divided one, CUDA takes some instance
  const whole = smi.gpus?.every(({ mig }) => !mig) ? { instance: false } : {};
  return isOrdinal(entry) ? whole : { uuid: entry, ...whole };
}

/** As CUDA, which takes the beginning of a UUID where only one GPU has it. */
function startingWith(beginning: string, gpus: SmiGpu[] = []): SmiGpu | undefined {
  const found = gpus.filter(({ uuid }) => uuid.toLowerCase().startsWith(beginning.toLowerCase()));
  return found.length === 1 ? found[0] : undefined;
}

/** CUDA counts the fastest GPU first unless told; nvidia-smi counts along the bus. */
function inPciOrder(env: Environment, { gpus = [] }: Smi): boolean {
  return env.CUDA_DEVICE_ORDER === "PCI_BUS_ID" || new Set(gpus.map(({ model }) => model)).size < 2;
}

function wholeFacts({ uuid, model, memory, used, mode }: SmiGpu): Omit<Gpu, "name"> {
  return {
    uuid,
    instance: false,
    model,
    ...memory === undefined ? {} : { memory },
    ...used === undefined ? {} : { used },
    ...mode === undefined ? {} : { mode },
  };
}

/** Of an instance nvidia-smi's lists tell the profile, and not how much memory it really has. */
function instanceFacts(entry: string, { gpus = [], list = [] }: Smi): Omit<Gpu, "name"> {
  const parent = list.find(({ instances }) => instances.some(({ uuid }) => uuid === entry));
  const profile = parent?.instances.find(({ uuid }) => uuid === entry)?.profile;
  const mode = gpus.find(({ uuid }) => uuid === parent?.uuid)?.mode;
  return {
    uuid: entry,
    instance: true,
    ...parent ? { model: `${parent.model} ${profile}` } : {},
    ...mode === undefined ? {} : { mode },
  };
}

/** Those with the numbers that Slurm gave; where devices are confined, only these are seen. */
function numbered(variable: string, value: string, smi: Smi): GpusFound {
  const source = `${variable}=${value}`;
  if (!smi.gpus) return unknown(`${source}, and ${silence(smi)}`);
  const ids = new Set(expandHostlist(`[${value}]`));
  const gpus = smi.gpus.length === ids.size
    ? smi.gpus
    : smi.gpus.filter(({ index }) => ids.has(String(index)));
  if (gpus.length !== ids.size) {
    return unknown(`${source}, and nvidia-smi lists ${smi.gpus.length} GPUs, not these`);
  }
  return listed(gpus, smi, source);
}

function listed(all: SmiGpu[], smi: Smi, source: string): GpusFound {
  const gpus = all.flatMap((gpu): Gpu[] => {
    if (!gpu.mig) return [{ name: gpu.uuid, ...wholeFacts(gpu) }];
    const instances = smi.list?.find(({ uuid }) => uuid === gpu.uuid)?.instances ?? [];
    return instances.map(({ uuid }) => ({ name: uuid, ...instanceFacts(uuid, smi) }));
  });
  if (all.some(({ mig }) => mig) && !smi.list) {
    return unknown(`${source} has GPUs divided by MIG, and nvidia-smi -L does not tell how`);
  }
  const variable = "CUDA_VISIBLE_DEVICES";
  return { gpus, variable, source, notes: [], ...all.length > 0 ? { vendor: "nvidia" } : {} };
}
