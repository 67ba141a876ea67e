import { UsageError } from "../../core/errors.ts";
import type { Gpu } from "./devices.ts";
import { VISIBLE } from "./devices.ts";
import type { Mps } from "./mps_daemon.ts";
import { mpsNames } from "./sharing_way.ts";

/** How the workers of a node share its GPUs. */
export interface SlotWish {
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
  /** Variables of the worker; `undefined` removes one. */
  env: Record<string, string | undefined>;
}

/**
 * What each worker of a node gets: the first share of every GPU, then the second, so that few
 * workers have much room. GPUs left over by `gpusPerWorker` stay idle.
 *
 * @throws {UsageError} where a number is none, or a worker would have several MIG instances.
 */
export function assignSlots(gpus: readonly Gpu[], wish: SlotWish): Slot[] {
  const { workersPerGpu, gpusPerWorker = 1 } = wish;
  for (const [name, value] of Object.entries({ workersPerGpu, gpusPerWorker })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new UsageError(`Cannot share GPUs: ${name} is ${value}, expected a whole number above 0`);
  }
  if (gpusPerWorker > 1 && gpus.some(({ instance }) => instance)) {
    throw new UsageError(`Cannot give a worker ${gpusPerWorker} GPUs: these are MIG instances`, {
      hint: "a CUDA program uses one MIG instance: set gpus to 1",
    });
  }
  const groups = Math.floor(gpus.length / gpusPerWorker);
  return Array.from({ length: workersPerGpu * groups }, (_, index) => {
    const [gpu, share] = [index % groups * gpusPerWorker, Math.floor(index / groups)];
    const own = gpus.slice(gpu, gpu + gpusPerWorker);
    return { gpu, share, gpus: own, env: environmentOf(own, wish) };
  });
}

function environmentOf(own: readonly Gpu[], wish: SlotWish): Slot["env"] {
  const mps = wish.mps?.find(({ gpus }) => own.every((gpu) => gpus.includes(gpu)));
  const env: Slot["env"] = {};
  for (const variable of VISIBLE) {
    const names = own.flatMap(({ names }) => names[variable] ?? []);
    if (names.length === own.length) env[variable] = names.join(",");
  }
  if (env.CUDA_VISIBLE_DEVICES !== undefined) env.CUDA_VISIBLE_DEVICES = cudaNames(own, mps);
  if (env.ROCR_VISIBLE_DEVICES !== undefined) {
    env.HIP_VISIBLE_DEVICES = env.GPU_DEVICE_ORDINAL = undefined; // they count among those above
  }
  return mps ? { ...env, ...mpsVariables(own, mps, wish) } : env;
}

function cudaNames(own: readonly Gpu[], mps: Mps | undefined): string {
  if (mps?.by === "own") {
    const { clients } = mpsNames(mps.gpus);
    return own.map((gpu) => clients[mps.gpus.indexOf(gpu)]).join(",");
  }
  const uuids = own.flatMap(({ uuid }) => uuid ?? []);
  const names = uuids.length === own.length
    ? uuids
    : own.map(({ names }) => names.CUDA_VISIBLE_DEVICES);
  return names.join(",");
}

/** A limit of memory is said by place, as the worker counts its GPUs: by UUID it has no effect. */
function mpsVariables(own: readonly Gpu[], mps: Mps, { percentage, memory }: SlotWish) {
  const limits = own.map((_, place) => `${place}=${memory}M`).join(",");
  return {
    CUDA_MPS_PIPE_DIRECTORY: mps.pipe,
    ...mps.log === undefined ? {} : { CUDA_MPS_LOG_DIRECTORY: mps.log },
    ...percentage === undefined ? {} : { CUDA_MPS_ACTIVE_THREAD_PERCENTAGE: String(percentage) },
    ...memory === undefined ? {} : { CUDA_MPS_PINNED_DEVICE_MEM_LIMIT: limits },
  };
}
