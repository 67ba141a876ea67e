import { basename, join } from "node:path";
import { SchedulerError } from "../core/errors.ts";
import type { JobRequest } from "../schedulers/scheduler.ts";
import { arraySpec } from "../script/directives.ts";
import type { Plan, PlannedChunk } from "../store/plan.ts";
import type { SubmissionContext } from "./context.ts";
import { taskCount, tasksOf } from "./packs.ts";
import { submitOnce } from "./submit_once.ts";

/**
 * Submits one chunk, unless it has a job or gets one from another process meanwhile. @returns the job.
 *
 * @throws {NoRoomError} when there is no room now, {SchedulerError} when it was refused for good.
 */
export async function submitChunk(
  context: SubmissionContext,
  plan: Plan,
  chunk: PlannedChunk,
  dependencies: JobRequest["dependencies"],
): Promise<string> {
  const { layout, clock, host } = context;
  const scheduler = () => {
    const found = context.schedulerOf(plan);
    if (!found) throw elsewhere(plan);
    return found;
  };
  const state = layout.state(plan.experiment, plan.submission);
  const { stage, chunk: number, jobName } = chunk;
  return await submitOnce(
    { state, clock, host, scheduler },
    { stage, chunk: number, jobName, tasks: taskCount(chunk) },
    requestFor(context, plan, chunk, dependencies),
  );
}

/** The error for a plan whose jobs nobody here can be asked about. */
export function elsewhere({ experiment, scheduler, host }: Plan): SchedulerError {
  return new SchedulerError(
    `Cannot continue the submission of ${experiment}: ${scheduler} on ${host} cannot be asked here`,
    { hint: `submit it on ${host}, with scheduler: ${scheduler} in .hpc_config.yaml` },
  );
}

function requestFor(
  { layout }: SubmissionContext,
  plan: Plan,
  chunk: PlannedChunk,
  dependencies: JobRequest["dependencies"],
): JobRequest {
  const folder = layout.submission(plan.experiment, plan.submission);
  const script = join(folder, basename(chunk.script));
  if (!chunk.shared) return { script, dependencies };
  const tasks = tasksOf(chunk).map(({ task }) => task);
  const array = arraySpec(tasks, chunk.throttle);
  return { script, dependencies, name: chunk.jobName, array };
}
