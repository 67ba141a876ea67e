import { join } from "node:path";
import { allClaims, isWished, lookAround } from "../../schedulers/queue/claim.ts";
import { perform } from "../../schedulers/queue/disk.ts";
import { type KnownJob, type QueueJob, waitingBlocks } from "../../schedulers/queue/job.ts";
import { blockName, type QueueLayout } from "../../schedulers/queue/places.ts";
import { QueueReading } from "../../schedulers/queue/reading.ts";
import { list } from "../../schedulers/queue/steps.ts";
import { releasedTasks } from "../released.ts";
import { RESERVE } from "../working.ts";

/** Items that could be claimed now. */
export interface Demand {
  /** By workers such as these. */
  waiting: number;
  /** Only by workers with more CPUs, GPUs or time. */
  unfit: number;
  /** What runs now, whoever runs it. */
  running: number;
}

/** What one worker has. */
export interface WorkerMeans {
  cpus: number;
  gpus: number;
  /** Seconds of its allocation; no end where it is absent. */
  time?: number;
}

/** Whether such a worker takes items of a job, when it has just begun. */
export function isFit(
  { cpus, gpus, timeLimit = 0 }: Pick<QueueJob, "cpus" | "gpus" | "timeLimit">,
  means: WorkerMeans,
): boolean {
  return cpus <= means.cpus && gpus <= means.gpus &&
    timeLimit <= (means.time ?? Infinity) - RESERVE;
}

/** Counts what waits for workers; what is held, cancelled or depends on others does not. */
export function countDemand(layout: QueueLayout, means: WorkerMeans): Demand {
  const { candidates, wishes } = perform(lookAround({ layout }));
  const reading = new QueueReading(layout);
  const claims = perform(allClaims(layout));
  const waiting = new Map<number, number>();
  for (const { job: id, priority, block } of candidates) {
    const job = reading.job(id);
    if (!job || isWished(wishes, "hold", id) || isWished(wishes, "cancel", id)) continue;
    const here = block === undefined
      ? countUnmade(layout, reading, job)
      : perform(list(join(layout.ready, blockName({ job: id, priority, block }))))?.length ?? 0;
    waiting.set(id, (waiting.get(id) ?? 0) + here);
  }
  const demand: Demand = { waiting: 0, unfit: 0, running: claims.length };
  for (const [id, count] of waiting) {
    const job = reading.job(id);
    if (!job) continue;
    const free = job.throttle - claims.filter((claim) => claim.job === id).length;
    const most = Math.min(count, Math.max(0, free));
    demand[isFit(job.spec, means) ? "waiting" : "unfit"] += most;
  }
  return demand;
}

/** Tasks that may run, and are no items yet. */
function countUnmade(layout: QueueLayout, reading: QueueReading, job: KnownJob): number {
  return perform(waitingBlocks(layout, job.id)).reduce(
    (sum, block) => sum + (releasedTasks(reading, job, block)?.length ?? 0),
    0,
  );
}

/** How many allocations there are, of one fleet or all. */
export interface Alive {
  /** They wait for the scheduler. */
  pending: number;
  /** They run, or nobody can say what became of them. */
  running: number;
}

/**
 * How many more allocations are wanted: no more than were asked for, than may live at once, and than
 * what waits would fill beside those that are to start.
 */
export function wantedAllocations(
  { jobs, most, workers }: { jobs: number; most: number; workers: number },
  { waiting }: Pick<Demand, "waiting">,
  { pending, running }: Alive,
): number {
  const filled = Math.ceil(waiting / workers) - pending;
  return Math.max(0, Math.min(jobs, most - pending - running, filled));
}
