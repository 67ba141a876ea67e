import type { Environment } from "./allocation.ts";
import type { Gpu, GpusFound } from "./devices.ts";
import { findGpus } from "./find_gpus.ts";
import { type Mps, type MpsPorts, siteMps, startMps, stopMps } from "./mps_daemon.ts";
import type { Ended } from "./mps_end.ts";
import { whySilent } from "./mps_control.ts";
import { MpsError } from "./mps_error.ts";
import { sweepMps, type Swept } from "./mps_sweep.ts";
import { mpsDomains, type SharingWay, sharingWay } from "./sharing_way.ts";
import { assignSlots, checkSlots, type Slot, type SlotWish } from "./slots.ts";
import { type Need, type Packed, workersPerGpu } from "./workers_per_gpu.ts";

/** What a launcher wants of the GPUs of its node. */
export interface ShareWish extends Pick<SlotWish, "gpusPerWorker" | "percentage"> {
  /** Workers a GPU that the user asked for; as many as memory and practice allow unless told. */
  asked?: number;
  /** What a run needs of a GPU, in MiB, see `memoryOfRun()`. */
  perRun?: number;
  /** What a run needs of these GPUs, where `perRun` is absent: a lower bound, and never a limit. */
  learned?: (gpus: readonly Gpu[]) => Need | undefined;
  /** In MiB, see `workersPerGpu()`. */
  reserve?: number;
  /** Through MPS of our own, through that of the site's switch, or without. */
  through: "own" | "site" | "turns";
  /** Whether a run that uses more than `perRun` is out of memory itself, not its neighbours: MPS. */
  keepMemory?: boolean;
  /** Whether the allocation has whole nodes. */
  wholeNodes?: boolean;
}

/** GPUs that are shared. */
export interface SharedGpus {
  /** One for each worker; none where the node has no GPUs, or nobody knows which. */
  slots: Slot[];
  found: GpusFound;
  way: SharingWay;
  packed: Packed;
  mps: Mps[];
  /** What was left by others that were killed. */
  swept: Swept[];
}

/**
 * Makes the GPUs of this node ready for workers: sweeps, finds, starts MPS and waits until it
 * answers. Where MPS is not to be had, they are shared without it, and `way.why` says so.
 *
 * @throws {UsageError} where a worker would have several MIG instances, or no whole number of GPUs.
 */
export async function shareGpus(
  wish: ShareWish,
  ports: MpsPorts & { env: Environment },
): Promise<SharedGpus> {
  const swept = await sweepMps(ports);
  const found = await findGpus({ ...ports, wholeNodes: wish.wholeNodes });
  const wanted = sharingWay(found, wish.through);
  const wantedWorkers = packing(found, wanted, wish);
  checkSlots(found.gpus ?? [], { ...wish, workersPerGpu: wantedWorkers.workers });
  const { way, mps } = wantedWorkers.workers === 1
    ? { way: alone(wanted.why ?? wantedWorkers.why), mps: [] }
    : await opened(found, wanted, ports);
  const packed = way.by === "alone" ? packing(found, way, wish) : wantedWorkers;
  const slots = assignSlots(found.gpus ?? [], {
    ...{ workersPerGpu: packed.workers, mps, variable: found.variable },
    ...wish.gpusPerWorker === undefined ? {} : { gpusPerWorker: wish.gpusPerWorker },
    ...wish.percentage === undefined ? {} : { percentage: wish.percentage },
    ...wish.keepMemory && wish.perRun !== undefined ? { memory: wish.perRun } : {},
  });
  return { slots, found, way, packed, mps, swept };
}

/** Ends the daemons that {@linkcode shareGpus} started; what computes through them ends first. */
export async function unshareGpus({ mps }: SharedGpus, ports: MpsPorts): Promise<Ended[]> {
  const ended: Ended[] = [];
  for (const one of mps) {
    ended.push(...[await stopMps(one, ports)].filter((end) => end !== undefined));
  }
  return ended;
}

function packing({ gpus = [] }: GpusFound, way: SharingWay, wish: ShareWish): Packed {
  if (way.by === "alone") return { workers: 1, why: way.why ?? "one process a GPU" };
  const free = gpus.map(({ memory, used = 0 }) => memory === undefined ? undefined : memory - used);
  const known = free.filter((size) => size !== undefined);
  const total = known.length === gpus.length && known.length > 0 ? Math.min(...known) : undefined;
  const { asked, perRun, reserve } = wish;
  const learned = perRun === undefined ? wish.learned?.(gpus) : undefined;
  const need = { perRun: perRun ?? learned?.memory, source: learned?.source };
  return workersPerGpu({ asked, ...need, reserve, total });
}

function alone(why: string): SharingWay {
  return { by: "alone", why };
}

async function opened(
  found: GpusFound,
  way: SharingWay,
  ports: MpsPorts & { env: Environment },
): Promise<{ way: SharingWay; mps: Mps[] }> {
  if (way.by === "alone" || way.by === "turns") return { way, mps: [] };
  const { CUDA_MPS_PIPE_DIRECTORY: given } = ports.env;
  const there = given !== undefined && await whySilent(ports.runner, given) === undefined;
  const by = there ? "site" : way.by; // never one daemon over another
  const mps: Mps[] = [];
  try {
    for (const domain of mpsDomains(found.gpus ?? [])) {
      mps.push(by === "site" ? await siteMps(domain, ports) : await startMps(domain, ports));
    }
    return { way: { by }, mps };
  } catch (error) {
    for (const started of mps) await stopMps(started, ports);
    if (!(error instanceof MpsError)) throw error;
    return { way: without(sharingWay(found, "turns"), error.message), mps: [] };
  }
}

/** The way without MPS, with the reason why MPS is not used in front. */
function without({ by, why }: SharingWay, reason: string): SharingWay {
  return { by, why: why === undefined ? reason : `${reason}; ${why}` };
}
