import { perform } from "../schedulers/queue/disk.ts";
import { tasksOfBlock } from "../schedulers/queue/job.ts";
import type { QueueLayout } from "../schedulers/queue/places.ts";
import { QueueReading } from "../schedulers/queue/reading.ts";
import { type Recovered, type Recoverer, recoverWorker } from "../schedulers/queue/recover.ts";
import { discharge, enrol, newWorkerId } from "../schedulers/queue/workers.ts";
import { type Clock, epochSeconds } from "../system/clock.ts";
import { startOfProcess } from "../system/processes.ts";

/** Who recovers in the name of a worker: one that is enrolled. */
function recovererOf(layout: QueueLayout, worker: string, clock: Clock): Recoverer {
  const reading = new QueueReading(layout);
  return {
    layout,
    worker,
    now: () => epochSeconds(clock),
    remaining: (id, block) => {
      const job = reading.job(id);
      if (!job) return [];
      return tasksOfBlock(job, block).filter((task) => !("never" in reading.gate(id)(task)));
    },
    // what is unknown here is nobody's poison
    maxRestarts: (job) => reading.job(job)?.spec.maxRestarts ?? Infinity,
  };
}

/**
 * Takes from a worker that is surely dead what it had, for others to have. When this process is
 * killed meanwhile, what it has is to be recovered as from any worker.
 */
export function takeFromDead(layout: QueueLayout, lost: string, clock: Clock): Recovered {
  const host = Deno.hostname();
  const id = newWorkerId(host, Deno.pid);
  const process = { host, pid: Deno.pid, start: startOfProcess(Deno.pid) };
  enrol(layout, { version: 1, id, ...process, since: epochSeconds(clock), cpus: 0, gpus: [] });
  try {
    const recovered = perform(recoverWorker(recovererOf(layout, id, clock), lost));
    discharge(layout, lost);
    return recovered;
  } finally {
    discharge(layout, id);
  }
}

/** Ends being a worker: others may have what it still has. */
export function leave(layout: QueueLayout, worker: string, clock: Clock): Recovered {
  const recovered = perform(recoverWorker(recovererOf(layout, worker, clock), worker));
  discharge(layout, worker);
  return recovered;
}
