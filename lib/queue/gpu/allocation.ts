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
}

/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The GPUs that an allocation has on this node: those its variables name; else those that Slurm
 * says it gave; else, outside Slurm and on `wholeNodes`, all that nvidia-smi lists.
 */
export function gpusOf(env: Environment, smi: Smi, wholeNodes = false): GpusFound {
  const lists = VISIBLE.flatMap((variable): [VisibleVariable, string[]][] =>
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
  return { source, notes: [] };
}

function silence({ why }: Smi): string {
  return `nvidia-smi does not tell${why === undefined ? "" : `: ${why}`}`;
}

/** Those that variables name. With several variables, each calls the same GPUs by its own names. */
function named(
  lists: [VisibleVariable, string[]][],
  env: Environment,
  smi: Smi,
): GpusFound {
  const [lead, entries] = lists.find(([, list]) => list.length > 0) ?? lists[0]!;
  const same = lists.filter(([, list]) => list.length === entries.length);
  const notes = same.length === lists.length ? [] : [`${lead} counts: the others name other GPUs`];
  const gpus = entries.map((entry, index): Gpu => {
    const names = Object.fromEntries(same.map(([variable, list]) => [variable, list[index]!]));
    return { names, ...lead === "CUDA_VISIBLE_DEVICES" ? factsOf(entry, env, smi) : {} };
  });
  if (gpus.some(({ names, uuid }) => isOrdinal(names[lead]!) && uuid === undefined)) {
    notes.push(`${lead} has numbers, and which GPUs these are is not known`);
  }
  const vendor = smi.gpus?.length ? "nvidia" : lists.length === 1 ? makerOf(lead) : undefined;
  return { gpus, source: lead, notes, ...vendor ? { vendor } : {} };
}

/** Only AMD's programs read ROCR_VISIBLE_DEVICES; CUDA_VISIBLE_DEVICES is read by AMD's too. */
function makerOf(variable: VisibleVariable): "amd" | undefined {
  return variable === "ROCR_VISIBLE_DEVICES" ? "amd" : undefined;
}

function factsOf(entry: string, env: Environment, smi: Smi): Omit<Gpu, "names"> {
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

function wholeFacts({ uuid, model, memory, used, mode }: SmiGpu): Omit<Gpu, "names"> {
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
function instanceFacts(entry: string, { gpus = [], list = [] }: Smi): Omit<Gpu, "names"> {
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
    if (!gpu.mig) return [{ names: { CUDA_VISIBLE_DEVICES: gpu.uuid }, ...wholeFacts(gpu) }];
    const instances = smi.list?.find(({ uuid }) => uuid === gpu.uuid)?.instances ?? [];
    return instances.map(({ uuid }) => ({
      names: { CUDA_VISIBLE_DEVICES: uuid },
      ...instanceFacts(uuid, smi),
    }));
  });
  if (all.some(({ mig }) => mig) && !smi.list) {
    return unknown(`${source} has GPUs divided by MIG, and nvidia-smi -L does not tell how`);
  }
  return { gpus, source, notes: [], ...all.length > 0 ? { vendor: "nvidia" as const } : {} };
}
