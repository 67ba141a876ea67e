import { join } from "node:path";
import { SchedulerError } from "../../core/errors.ts";
import {
  exists,
  makeFolder,
  readIfThere,
  removeIfThere,
  storageError,
} from "../../system/files.ts";
import type { JobSpec } from "../batch/job_spec.ts";
import { parseArray } from "../batch/tasks.ts";
import { perform } from "./disk.ts";
import { jobFolder, openName, type QueueLayout, waitingFolder } from "./places.ts";
import { create, list, type Steps } from "./steps.ts";

/** Tasks that become items together; few where they wait for each other one by one. */
const [BLOCK, FINE_BLOCK] = [1000, 16];

/** A job of the queue: everything that its items have in common. Immutable, `job.json`. */
export interface QueueJob extends JobSpec {
  /** When it came: 0 to 1000, the highest is taken first. It may have been changed since. */
  priority: number;
  /** How many tasks a block has. */
  blockSize: number;
  /** How often a task whose worker was lost runs again. */
  maxRestarts: number;
}

/** A job with what is computed from it. */
export interface KnownJob {
  id: number;
  spec: QueueJob;
  /** Ids of its tasks, rising; `[0]` without an array. */
  indices: Uint32Array;
  /** At most so many at once; Infinity where it does not say. */
  throttle: number;
}

/** How many tasks a block of this job has. */
export function blockSizeOf({ dependencies }: Pick<JobSpec, "dependencies">): number {
  return dependencies.some(({ type }) => type === "aftercorr") ? FINE_BLOCK : BLOCK;
}

/** Reads a job; `undefined` when there is none. */
export function readJob(layout: QueueLayout, id: number): KnownJob | undefined {
  const text = readIfThere(join(jobFolder(layout, id), "job.json"));
  if (text === undefined) return undefined;
  const spec: QueueJob = JSON.parse(text);
  if (spec.version !== 1) {
    throw new SchedulerError(`Cannot read job ${id} of the queue: version ${spec.version}, not 1`, {
      hint: "a newer expflow wrote it: use that one",
    });
  }
  const { indices, throttle = Infinity } = spec.array === undefined
    ? { indices: Uint32Array.of(0) }
    : parseArray(spec.array);
  return { id, spec, indices, throttle };
}

/** The tasks of a block. */
export function tasksOfBlock({ indices, spec }: KnownJob, block: number): Uint32Array {
  return indices.subarray(block * spec.blockSize, (block + 1) * spec.blockSize);
}

/** Ids of all jobs, rising. */
export function* jobIds(layout: QueueLayout): Steps<number[]> {
  const names = (yield* list(layout.jobs)) ?? [];
  return names.filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b);
}

/** The first id that no job and no task of an array has. */
function nextId(layout: QueueLayout): number {
  const last = perform(jobIds(layout)).at(-1);
  if (last === undefined) return 1;
  return last + (readJob(layout, last)?.indices.length ?? 1);
}

/**
 * Makes a job. It is there wholly or not at all, under an id of its own; then its name is put where
 * workers look.
 */
export function createJob(layout: QueueLayout, spec: QueueJob, script: Uint8Array): number {
  const tasks = spec.array === undefined ? 1 : parseArray(spec.array).indices.length;
  const made = join(layout.temporary, crypto.randomUUID());
  try {
    for (let block = 0; block < Math.ceil(tasks / spec.blockSize); block++) {
      makeFolder(join(made, "waiting", String(block)));
    }
    Deno.writeFileSync(join(made, "script"), script);
    Deno.writeTextFileSync(join(made, "job.json"), `${JSON.stringify(spec, null, 1)}\n`);
    const job = renameToFree(layout, made);
    perform(openJob(layout, { priority: spec.priority, job }));
    return job;
  } catch (error) {
    removeIfThere(made);
    throw storageError(`submit to ${layout.folder}`, error);
  }
}

/** Puts the name of a job where workers look for it. */
export function* openJob(
  layout: QueueLayout,
  job: { priority: number; job: number },
): Steps<void> {
  yield* create(join(layout.open, openName(job)));
}

function renameToFree(layout: QueueLayout, made: string): number {
  while (true) {
    const id = nextId(layout);
    try {
      Deno.renameSync(made, jobFolder(layout, id));
      return id;
    } catch (error) {
      // repeated by a network file system that had done it
      if (error instanceof Deno.errors.NotFound && !exists(made) && exists(jobFolder(layout, id))) {
        return id;
      }
      if (!/ENOTEMPTY|EEXIST|not empty|exists/i.test(String(error))) throw error;
    }
  }
}

/** Blocks of a job that are not made into items, by rising number. */
export function* waitingBlocks(layout: QueueLayout, job: number): Steps<number[]> {
  const names = (yield* list(waitingFolder(layout, job))) ?? [];
  return names.map(Number).sort((a, b) => a - b);
}
