import { findAllocation } from "../queue/agent/allocation.ts";
import { commonModel } from "../queue/gpu/devices.ts";
import { findGpus } from "../queue/gpu/find_gpus.ts";
import { assignSlots } from "../queue/gpu/slots.ts";
import { listen } from "../queue/worker_main.ts";
import { work } from "../queue/worker.ts";
import type { WorkerEnd, WorkerEvent, WorkerOrders } from "../queue/working.ts";
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

/**
 * Takes runs from the project's queue, in this process, until there is nothing more to do. INT and
 * TERM stop it: what runs goes back to the queue. USR2 lets it finish what runs.
 *
 * @returns why it ended.
 */
export async function workHere(project: Project, options: WorkHereOptions): Promise<WorkerEnd> {
  const { runner, clock } = project.context;
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
  return await work(
    {
      queue: queueOf(project).folder,
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
}
