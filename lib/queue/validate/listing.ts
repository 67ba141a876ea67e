import { join } from "node:path";
import { positionOf } from "../../schedulers/batch/tasks.ts";
import { type KnownJob, readJob } from "../../schedulers/queue/job.ts";
import { type QueueLayout, waitingFolder } from "../../schedulers/queue/places.ts";
import { QueueReading } from "../../schedulers/queue/reading.ts";
import { readWorker } from "../../schedulers/queue/workers.ts";
import { createExclusive, entryAt, namesIn, removeIfThere } from "../../system/files.ts";

/** A job as far as checks go. */
export interface ListedJob {
  priority: number;
  blockSize: number;
  /** Ids of its tasks, rising. */
  tasks: Uint32Array;
  /** Blocks that are no items yet, by name. */
  waiting: string[];
}

/** Names in the folders of a queue, read one after the other. */
export interface QueueListing {
  /** Numbers of jobs; `undefined` for one whose description cannot be read. */
  jobs: Map<number, ListedJob | undefined>;
  /** Names among the jobs that are no numbers. */
  otherJobs: string[];
  open: string[];
  wishes: string[];
  /** Names by folder. */
  ready: Map<string, string[]>;
  claimed: Map<string, string[]>;
  making: Map<string, string[]>;
  done: Map<string, string[]>;
  /** Workers with a record that can be read. */
  recorded: Set<string>;
  /** Seconds since each was changed, by the clock of the file system's server. */
  temporary: Map<string, number>;
  /** Whether a task that lies nowhere has an outcome all the same: cancelled, or never to run. */
  settled: (job: number, task: number) => boolean;
}

/** Reads all folders of a queue. Items go from `ready` over `claimed` to `done`, and so does this. */
export function readListing(layout: QueueLayout): QueueListing {
  const names = namesIn(layout.jobs);
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const jobs = new Map(numbers.map((id) => [id, listJob(layout, id)]));
  const open = namesIn(layout.open);
  const making = byFolder(layout.making);
  const ready = byFolder(layout.ready);
  const claimed = byFolder(layout.claimed);
  const done = byFolder(layout.done);
  const workers = [...claimed.keys(), ...making.keys()];
  const reading = new QueueReading(layout);
  return {
    jobs,
    otherJobs: names.filter((name) => !/^\d+$/.test(name)),
    open,
    wishes: namesIn(layout.wishes),
    ready,
    claimed,
    making,
    done,
    recorded: new Set(workers.filter((worker) => readWorker(layout, worker))),
    temporary: ages(layout),
    settled: (job, task) => {
      const view = reading.view(job);
      return view !== undefined && reading.outcome(view, task) !== undefined;
    },
  };
}

function listJob(layout: QueueLayout, id: number): ListedJob | undefined {
  const known = readable(layout, id);
  if (!known) return undefined;
  const { spec: { priority, blockSize }, indices } = known;
  return { priority, blockSize, tasks: indices, waiting: namesIn(waitingFolder(layout, id)) };
}

function readable(layout: QueueLayout, id: number): KnownJob | undefined {
  try {
    return readJob(layout, id);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function byFolder(path: string): Map<string, string[]> {
  return new Map(namesIn(path).map((name) => [name, contents(join(path, name))]));
}

/** A file where a folder should be has no contents. */
function contents(path: string): string[] {
  return entryAt(path)?.folder ? namesIn(path) : [];
}

function ages({ temporary }: QueueLayout): Map<string, number> {
  const names = namesIn(temporary);
  if (names.length === 0) return new Map();
  const own = join(temporary, crypto.randomUUID());
  createExclusive(own);
  try {
    const now = entryAt(own)?.changed;
    const found = names.map((name) => [name, entryAt(join(temporary, name))?.changed] as const);
    return new Map(
      found.flatMap(([name, at]) => now && at ? [[name, Math.max(0, now - at) / 1000]] : []),
    );
  } finally {
    removeIfThere(own);
  }
}

/** Whether a job has a task. */
export function hasTask({ tasks }: ListedJob, task: number): boolean {
  return positionOf(tasks, task) >= 0;
}
