import { ConflictError, NotFoundError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { recoverOrphans, type Recovery } from "../queue/recovery.ts";
import { systemProcesses } from "../schedulers/batch/processes.ts";
import { readWorker, workerIds } from "../schedulers/queue/workers.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import type { Project } from "./project.ts";
import { queueScheduler } from "./schedulers.ts";

/** How to recover. */
export interface RecoverOptions {
  /** Workers that are lost whatever their allocations seem to be; they must be silent. */
  force?: readonly string[];
  /** Seconds without a sign of life before anything is asked; 600 unless told. */
  lease?: number;
}

/**
 * Takes what lost workers had, so that others can have it. A worker is lost when it was silent for
 * ten minutes, and its allocation is over or its process gone, as far as that can be asked.
 *
 * @returns what is known of each worker, and what was taken.
 * @throws {NotFoundError} for a worker that is not there, {ConflictError} for one that lives.
 */
export async function recoverQueue(
  project: Project,
  { force = [], lease }: RecoverOptions = {},
): Promise<Recovery[]> {
  const { context } = project;
  const { layout } = queueScheduler(project);
  const known = workerIds(layout);
  const missing = force.find((id) => !known.includes(id));
  if (missing !== undefined) {
    throw new NotFoundError(`Cannot recover worker ${missing}: it is not on the list`, {
      hint: didYouMean(missing, known),
    });
  }
  const host = Deno.hostname();
  const records = known.flatMap((id) => readWorker(layout, id) ?? []);
  const found = await recoverOrphans(layout, {
    scheduler: (name) => schedulerOf(project, name, records),
    processes: systemProcesses(context.runner),
    host,
    clock: context.clock,
    named: force,
    ...lease === undefined ? {} : { lease },
  });
  const living = found.find(({ worker, kind }) => kind === "alive" && force.includes(worker));
  if (!living) return found;
  throw new ConflictError(`Cannot recover worker ${living.worker}: it was ${living.why}`, {
    hint: "end it first: what it runs would run twice",
  });
}

/** A number means something else to the local scheduler of another machine. */
function schedulerOf(
  { context }: Project,
  scheduler: string,
  workers: readonly { host: string; allocation?: { scheduler: string } }[],
): Scheduler | undefined {
  const host = Deno.hostname();
  const elsewhere = workers.some((one) =>
    one.allocation?.scheduler === "local" && one.host !== host
  );
  if (scheduler === "local" && elsewhere) return undefined;
  return context.schedulerOf({ scheduler, host: context.host });
}
