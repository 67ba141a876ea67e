import { UsageError } from "../core/errors.ts";
import { findAllocation } from "../queue/agent/allocation.ts";
import { commonModel } from "../queue/gpu/devices.ts";
import { findGpus } from "../queue/gpu/find_gpus.ts";
import { countDemand } from "../queue/fleet/demand.ts";
import { assignSlots } from "../queue/gpu/slots.ts";
import { listen } from "../queue/worker_main.ts";
import { work } from "../queue/worker.ts";
import type { WorkerEnd, WorkerEvent, WorkerOrders } from "../queue/working.ts";
import { epochSeconds } from "../system/clock.ts";
import { queueOf } from "./allocations.ts";
import type { Project } from "./project.ts";
import { machineScheduler } from "./schedulers.ts";

/** How this process works. */
export interface WorkHereOptions {
  /** CPUs of a task, at most; those of the machine or the allocation unless told. */
  cpus?: number;
  /** Seconds that it waits for new items when there are none; it ends at once unless told. */
  linger?: number;
  /** Told what happens. */
  onEvent?: (event: WorkerEvent) => void;
}

/** How a worker of this process ended. */
export interface WorkedHere {
  end: WorkerEnd;
  /** Runs that wait for more CPUs, GPUs or time than it had. */
  unfit: number;
  /** The CPUs and GPUs that it had. */
  cpus: number;
  gpus: number;
}

/**
 * Takes runs from the project's queue, in this process, until there is nothing more to do. INT and
 * TERM stop it: what runs goes back to the queue. USR2 lets it finish what runs.
 *
 * @returns why it ended, and what waits all the same.
 */
export async function workHere(project: Project, options: WorkHereOptions): Promise<WorkedHere> {
  const { runner, clock } = project.context;
  if (options.cpus !== undefined && options.cpus < 1) {
    throw new UsageError(`Cannot work with ${options.cpus} CPUs: a run needs one at least`);
  }
  const orders: WorkerOrders = {};
  listen(orders);
  const env = Deno.env.toObject();
  const scheduler = machineScheduler(project).name;
  const { job, until, cpus: all } = await findAllocation(env, scheduler, { runner, clock });
  const cpus = options.cpus ?? all;
  const found = await findGpus({ runner, env, wholeNodes: job === undefined });
  const gpus = found.gpus ?? [];
  const [own] = gpus.length === 0 ? [] : assignSlots(gpus, {
    workersPerGpu: 1,
    gpusPerWorker: gpus.length,
    variable: found.variable,
  });
  const model = commonModel(gpus);
  const layout = queueOf(project);
  const end = await work(
    {
      queue: layout.folder,
      cpus,
      gpus: own?.names ?? [],
      ...model === undefined ? {} : { gpuModel: model },
      variables: own?.variables ?? {},
      ...job ? { allocation: job } : {},
      ...until === undefined ? {} : { until },
      linger: options.linger ?? 0,
      killWait: 15,
    },
    { runner, clock, tell: (event) => options.onEvent?.(event) },
    orders,
  );
  const time = until === undefined ? undefined : until - epochSeconds(clock);
  const { unfit } = end === "empty"
    ? countDemand(layout, { cpus, gpus: gpus.length, time })
    : { unfit: 0 };
  return { end, unfit, cpus, gpus: gpus.length };
}
