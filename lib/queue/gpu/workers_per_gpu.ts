import { formatMemory, parseMemory } from "../../core/memory.ts";
import type { Learned } from "./learned_memory.ts";

/** What decides how many workers share a GPU; memory in MiB, absent where it is not known. */
export interface Packing {
  /** Memory of the GPU that nobody uses; the smallest where GPUs differ. */
  total?: number;
  /** What a run needs of it, as it was declared or learnt. */
  perRun?: number;
  /** Who says so, in words. */
  source?: string;
  /** What the user asked for. */
  asked?: number;
  /** Kept free for the driver and MPS, and for what samples miss; a twentieth unless told. */
  reserve?: number;
}

/** How many workers, and why. */
export interface Packed {
  workers: number;
  why: string;
}

/** As many as are common practice, where memory alone would allow more and nobody asked for more. */
const COMMON = 4;
/** NVIDIA lets so many clients onto a GPU (Volta and later). */
const CLIENTS = 48;

/** Samples miss the very peak, and runs of a class differ. */
const MARGIN = 1.1;

/** What a run needs of one GPU, in MiB, and who says so. */
export interface Need {
  memory: number;
  source: string;
}

/** What a run needs of one GPU: what `resources.gpu_mem` says, else a tenth above what was learnt. */
export function memoryOfRun(
  declared: string | undefined,
  learned: Learned | undefined,
): Need | undefined {
  if (declared !== undefined) return { memory: parseMemory(declared), source: "gpu_mem" };
  if (!learned) return undefined;
  const source = `the most that was seen of ${learned.runs} earlier runs, and a tenth`;
  return { memory: Math.ceil(learned.peak * MARGIN), source };
}

/** How many workers share a GPU: what was asked for, and no more than its memory holds. */
export function workersPerGpu({ total, perRun, source, asked, reserve }: Packing): Packed {
  if (perRun === undefined) {
    return asked === undefined
      ? { workers: 1, why: "how much GPU memory a run needs is not known: declare gpu_mem" }
      : { workers: clients(asked), why: "asked for; what a run needs is not known" };
  }
  const need = formatMemory(perRun);
  const said = source === undefined ? "" : ` (${source})`;
  if (total === undefined) {
    const why = `a run needs ${need}${said}, and how much the GPU has free is not known`;
    return asked === undefined ? { workers: 1, why } : { workers: clients(asked), why };
  }
  const room = total - (reserve ?? Math.ceil(total / 20));
  const fit = Math.floor(room / Math.max(1, perRun));
  const sizes = `${need} a run${said}, ${formatMemory(total)} free on the GPU`;
  if (fit < 1) return { workers: 1, why: `${sizes}: not even one fits well` };
  const wanted = clients(asked ?? COMMON);
  return fit < wanted ? { workers: fit, why: `${sizes}: ${fit} fit` } : {
    workers: wanted,
    why: `${sizes}: ${fit} fit, and ${
      asked === undefined ? "that many are common" : "so many were asked for"
    }`,
  };
}

function clients(workers: number): number {
  return Math.max(1, Math.min(Math.floor(workers), CLIENTS));
}
