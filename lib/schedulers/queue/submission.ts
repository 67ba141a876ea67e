import { SchedulerError } from "../../core/errors.ts";
import { describeJob, type SubmissionContext } from "../batch/describe.ts";
import { readDirectives } from "../batch/directives.ts";
import { readScript } from "../batch/script_file.ts";
import { parseArray } from "../batch/tasks.ts";
import type { JobRequest } from "../scheduler.ts";
import { blockSizeOf, type QueueJob, readJob } from "./job.ts";
import type { QueueLayout } from "./places.ts";

/** Priority of a job that does not say. */
export const USUAL_PRIORITY = 500;
/** How often a task whose worker was lost runs again. */
const MAX_RESTARTS = 3;
/** More than any one node has. */
const MOST_GPUS = 64;

/** A job that is ready to be made. */
export interface Prepared {
  spec: QueueJob;
  script: Uint8Array;
}

/**
 * Reads a request as sbatch would; its dependencies go before those of the script.
 *
 * @throws {SchedulerError} when no worker could run it.
 */
export function prepare(
  layout: QueueLayout,
  { script: path, dependencies, name, array }: JobRequest,
  context: Omit<SubmissionContext, "script" | "cpus" | "also">,
): Prepared {
  const script = readScript(path);
  const text = new TextDecoder().decode(script);
  // what a worker has, only it knows
  const own = { ...context, script: path, cpus: Infinity, also: ["priority"] };
  const described = describeJob(text, own);
  const job = {
    ...described,
    ...name === undefined ? {} : { name },
    ...array === undefined ? {} : { array },
    ...dependencies.length === 0 ? {} : { dependencies: dependencies.map(numbered) },
  };
  if (array !== undefined) parseArray(array);
  if (job.gpus > MOST_GPUS) {
    throw new SchedulerError(`Cannot run with ${job.gpus} GPUs: a worker has those of one node`);
  }
  const missing = job.dependencies.find((one) => readJob(layout, one.job) === undefined);
  if (missing) {
    throw new SchedulerError(`Cannot submit: it depends on job ${missing.job}, which is not here`, {
      hint: `the queue knows the jobs in ${layout.jobs}`,
    });
  }
  const spec: QueueJob = {
    ...job,
    priority: priorityOf(text),
    blockSize: blockSizeOf(job),
    maxRestarts: job.requeue ? MAX_RESTARTS : 0,
  };
  return { spec, script };
}

function numbered({ type, job }: JobRequest["dependencies"][number]): QueueJob["dependencies"][0] {
  if (/^\d{1,15}$/.test(job)) return { type, job: Number(job) };
  throw new SchedulerError(`Cannot submit: ${JSON.stringify(job)} is no id of a job`);
}

function priorityOf(script: string): number {
  const said = readDirectives(script).options.findLast(({ name }) => name === "priority")?.value;
  return said === undefined ? USUAL_PRIORITY : checkPriority(said);
}

/** @throws {SchedulerError} on what is no priority. */
export function checkPriority(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) <= 1000) return Number(text);
  throw new SchedulerError(`Cannot use ${JSON.stringify(text)} as a priority`, {
    hint: "use a whole number from 0 to 1000; the highest comes first",
  });
}
