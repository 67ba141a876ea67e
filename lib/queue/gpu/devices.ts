/** Variables that name the GPUs a process may use, and whose entries name one each. */
export const VISIBLE = [
  "CUDA_VISIBLE_DEVICES",
  "ROCR_VISIBLE_DEVICES",
  "ZE_AFFINITY_MASK",
] as const;

/** One of {@linkcode VISIBLE}. */
export type VisibleVariable = typeof VISIBLE[number];

/** How many processes may use a GPU at once, in nvidia-smi's words. */
export type ComputeMode = "Default" | "Exclusive_Process" | "Exclusive_Thread" | "Prohibited";

/** One GPU that a process may use, as far as it is known: what nobody told is absent. */
export interface Gpu {
  /** What `variable` of {@linkcode GpusFound} calls it: a number, or a UUID. */
  name: string;
  /** `GPU-…` of a whole one, `MIG-…` of an instance of one; the same in every process. */
  uuid?: string;
  /** Whether it is a MIG instance, a slice of a GPU. */
  instance?: boolean;
  /** As the driver names its model. */
  model?: string;
  /** All of its memory, in MiB. */
  memory?: number;
  /** What was used when it was asked, in MiB. */
  used?: number;
  mode?: ComputeMode;
}

/** The GPUs of an allocation on this node. */
export interface GpusFound {
  /** Empty where there are none; absent where nobody knows. */
  gpus?: Gpu[];
  /** Names them to the programs that use them. */
  variable: VisibleVariable;
  /** Whose they are, where it is known. */
  vendor?: "nvidia" | "amd";
  /** Where the answer comes from, or why there is none. */
  source: string;
  /** What a reader of it should know. */
  notes: string[];
}

/** The model of all of these GPUs; `undefined` where it is not known, or they differ. */
export function commonModel(gpus: readonly Pick<Gpu, "model">[]): string | undefined {
  const [model, ...others] = new Set(gpus.map((gpu) => gpu.model));
  return others.length === 0 ? model : undefined;
}

const ENTRY = /^(?:\d+(?:\.\d+)?|GPU-[0-9a-f-]+|MIG-\S+)$/i;

/**
 * The entries of such a variable. As the drivers do, it ends at the first that names no GPU (`-1`,
 * Slurm's `NoDevFiles`), and takes each once.
 */
export function parseVisible(text: string): string[] {
  const entries = text.split(",").map((entry) => entry.trim());
  const end = entries.findIndex((entry) => !ENTRY.test(entry));
  return [...new Set(end < 0 ? entries : entries.slice(0, end))];
}

/** Whether an entry names a MIG instance: `MIG-<uuid>`, or `MIG-GPU-<uuid>/<gi>/<ci>` before R470. */
export function isInstance(entry: string): boolean {
  return /^MIG-/i.test(entry);
}

/** Whether an entry is a number, which means another GPU wherever the list is another. */
export function isOrdinal(entry: string): boolean {
  return /^\d/.test(entry);
}
