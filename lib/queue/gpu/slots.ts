import { UsageError } from "../../core/errors.ts";
import type { Gpu, VisibleVariable } from "./devices.ts";
import type { Mps } from "./mps_daemon.ts";
import { mpsNames } from "./sharing_way.ts";

/** How the workers of a node share its GPUs. */
export interface SlotWish {
  /** `GpusFound.variable`; `CUDA_VISIBLE_DEVICES` unless told. */
  variable?: VisibleVariable;
  /** At least 1. */
  workersPerGpu: number;
  /** GPUs that each worker has; 1 unless told. */
  gpusPerWorker?: number;
  /** The daemons through which they share; where none serves a GPU, without MPS. */
  mps?: readonly Mps[];
  /** Share of a GPU's threads that a worker may use, in percent; all unless told. */
  percentage?: number;
  /** GPU memory that a worker may use on each GPU, in MiB, kept by MPS; all unless told. */
  memory?: number;
}

/** What one worker gets. */
export interface Slot {
  /** Place among the GPUs of the node, of the first of its GPUs. */
  gpu: number;
  /** Which of the workers on it, from 0. */
  share: number;
  gpus: readonly Gpu[];
  /** By what `CUDA_VISIBLE_DEVICES` of the worker, and of what it runs, names them. */
  names: string[];
  /** All other variables that what it runs needs. */
  variables: Record<string, string>;
}

/**
 * What each worker of a node gets: the first share of every GPU, then the second, so that few
 * workers have much room. GPUs left over by `gpusPerWorker` stay idle.
 *
 * @throws {UsageError} where a number is none, or a worker would have several MIG instances.
 */
export function assignSlots(gpus: readonly Gpu[], wish: SlotWish): Slot[] {
  checkSlots(gpus, wish);
  const { workersPerGpu, gpusPerWorker = 1 } = wish;
  const groups = Math.floor(gpus.length / gpusPerWorker);
  return Array.from({ length: workersPerGpu * groups }, (_, index) => {
    const [gpu, share] = [index % groups * gpusPerWorker, Math.floor(index / groups)];
    const own = gpus.slice(gpu, gpu + gpusPerWorker);
    return { gpu, share, gpus: own, ...given(own, wish) };
  });
}

/**
 * Refuses what cannot be shared.
 *
 * @throws {UsageError} as {@linkcode assignSlots}.
 */
export function checkSlots(
  gpus: readonly Gpu[],
  { workersPerGpu, gpusPerWorker = 1 }: Pick<SlotWish, "workersPerGpu" | "gpusPerWorker">,
): void {
  for (const [name, value] of Object.entries({ workersPerGpu, gpusPerWorker })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new UsageError(`Cannot share GPUs: ${name} is ${value}, expected a whole number above 0`);
  }
  if (gpusPerWorker > 1 && gpus.some(({ instance }) => instance)) {
    throw new UsageError(`Cannot give a worker ${gpusPerWorker} GPUs: these are MIG instances`, {
      hint: "a CUDA program uses one MIG instance: set gpus to 1",
    });
  }
}

/** What a slot's variables are, all of them: `CUDA_VISIBLE_DEVICES` too. */
export function slotEnvironment({ names, variables }: Slot): Record<string, string> {
  return { ...variables, CUDA_VISIBLE_DEVICES: names.join(",") };
}

function given(own: readonly Gpu[], wish: SlotWish): Pick<Slot, "names" | "variables"> {
  const { variable = "CUDA_VISIBLE_DEVICES" } = wish;
  const mps = wish.mps?.find(({ gpus }) => own.every((gpu) => gpus.includes(gpu)));
  if (variable === "CUDA_VISIBLE_DEVICES") {
    return { names: cudaNames(own, mps), variables: mps ? mpsVariables(own, mps, wish) : {} };
  }
  // HIP reads CUDA_VISIBLE_DEVICES too, and counts among those that this one names
  const names = own.map((_, place) => String(place));
  return { names, variables: { [variable]: own.map(({ name }) => name).join(",") } };
}

function cudaNames(own: readonly Gpu[], mps: Mps | undefined): string[] {
  if (mps?.by === "own") {
    const { clients } = mpsNames(mps.gpus);
    return own.map((gpu) => clients[mps.gpus.indexOf(gpu)]!);
  }
  const uuids = own.flatMap(({ uuid }) => uuid ?? []);
  return uuids.length === own.length ? uuids : own.map(({ name }) => name);
}

/** A limit of memory is said by place, as the worker counts its GPUs: by UUID it has no effect. */
function mpsVariables(
  own: readonly Gpu[],
  mps: Mps,
  { percentage, memory }: SlotWish,
): Record<string, string> {
  const limits = own.map((_, place) => `${place}=${memory}M`).join(",");
  return {
    CUDA_MPS_PIPE_DIRECTORY: mps.pipe,
    ...mps.log === undefined ? {} : { CUDA_MPS_LOG_DIRECTORY: mps.log },
    ...percentage === undefined ? {} : { CUDA_MPS_ACTIVE_THREAD_PERCENTAGE: String(percentage) },
    ...memory === undefined ? {} : { CUDA_MPS_PINNED_DEVICE_MEM_LIMIT: limits },
  };
}
