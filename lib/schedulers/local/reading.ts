import { isOver } from "./progress.ts";
import { advance, queued, type QueuedJob } from "./queue.ts";
import { type Layout, readProgress, unfinishedIds } from "./store.ts";

/** A job with the jobs it depends on, from the files alone. */
export function readJob(layout: Layout, id: number): QueuedJob | undefined {
  const progress = readProgress(layout, id);
  if (!progress) return undefined;
  const links = isOver(progress) ? [] : progress.spec.dependencies;
  const job = queued(
    progress,
    links.map(({ type, job }) => ({ type, on: readProgress(layout, job) })),
  );
  advance(job);
  return job;
}

/** How much runs and waits. */
export interface Load {
  running: number;
  waiting: number;
  /** CPU slots that running tasks take. */
  cpus: number;
  gpus: number;
}

/** What the unfinished jobs amount to. */
export function readLoad(layout: Layout): Load {
  const load: Load = { running: 0, waiting: 0, cpus: 0, gpus: 0 };
  for (const id of unfinishedIds(layout)) {
    const progress = readProgress(layout, id);
    if (!progress || isOver(progress)) continue;
    const running = progress.active.size;
    load.running += running;
    load.cpus += running * progress.spec.cpus;
    load.gpus += running * progress.spec.gpus;
    if (progress.cancelled === undefined) {
      load.waiting += progress.indices.length - progress.ended - running;
    }
  }
  return load;
}
