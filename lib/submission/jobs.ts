import { basename, join } from "node:path";
import { type ExpflowError, SchedulerError, UncertainSubmissionError } from "../core/errors.ts";
import type { JobRequest, Scheduler } from "../schedulers/scheduler.ts";
import {
  chunkKey,
  type Intent,
  readIntent,
  readJournal,
  writeIntent,
  writeJob,
  writeRefusal,
} from "../store/journal.ts";
import {
  type ChunkDependency,
  type Plan,
  type PlannedChunk,
  readSubmissions,
} from "../store/plan.ts";
import { type Clock, epochSeconds } from "../system/clock.ts";
import { removeIfThere } from "../system/files.ts";
import { isProcessAlive } from "../system/processes.ts";
import type { SubmissionContext } from "./context.ts";

/** How long another host may take over one sbatch before its intent is doubted. */
const INTENT_SECONDS = 300;
const BUSY_POLL_MS = 200;

/** Submits every chunk of a plan that has no job yet. @returns job of each chunk. */
export async function submitPlan(
  context: SubmissionContext,
  plan: Plan,
): Promise<Map<string, string>> {
  const jobs = new Map<string, string>();
  try {
    for (const chunk of plan.chunks) {
      jobs.set(chunkKey(chunk), await submitChunk(context, plan, chunk, jobs));
    }
  } catch (error) {
    if (error instanceof SchedulerError && !(error instanceof UncertainSubmissionError)) {
      throw withdraw(context, plan, jobs, error);
    }
    throw error;
  }
  return jobs;
}

/** After a refusal: a submission of which nothing was accepted leaves nothing behind. */
function withdraw(
  { layout }: SubmissionContext,
  plan: Plan,
  jobs: ReadonlyMap<string, string>,
  error: ExpflowError,
): SchedulerError {
  const { experiment, submission } = plan;
  if (jobs.size === 0) {
    removeIfThere(layout.submission(experiment, submission));
    removeIfThere(layout.state(experiment, submission));
    removeIfThere(layout.submissionLogs(experiment, submission));
    return error;
  }
  const accepted = [...jobs].map(([key, job]) => `${key} is job ${job}`).join(", ");
  return new SchedulerError(`${error.message} (accepted before: ${accepted})`, {
    hint: `${error.hint ?? "mend the experiment"}; then \`expflow submit ${experiment}\` goes on`,
    cause: error,
  });
}

async function submitChunk(
  context: SubmissionContext,
  plan: Plan,
  chunk: PlannedChunk,
  jobs: ReadonlyMap<string, string>,
): Promise<string> {
  const { layout, clock, host } = context;
  const state = layout.state(plan.experiment, plan.submission);
  for (;;) {
    const known = readJournal(state).chunks.get(chunkKey(chunk)) ?? { turn: 0, jobs: [] };
    if (known.jobs[0] !== undefined) return known.jobs[0];
    const before = known.turn > 0 ? readIntent(state, chunk, known.turn) : undefined;
    if (before && isBusy(before, host, epochSeconds(clock))) {
      await clock.sleep(BUSY_POLL_MS);
      continue;
    }
    const scheduler = context.schedulerOf(plan);
    if (!scheduler) throw elsewhere(plan);
    const found = known.turn > 0 ? await lookUp(scheduler, state, chunk) : undefined;
    if (found !== undefined) return found;
    const intent = { pid: Deno.pid, host, epoch: epochSeconds(clock) };
    if (writeIntent(state, chunk, known.turn + 1, intent)) {
      const request = requestFor(context, plan, chunk, jobs);
      return await submitJob(scheduler, state, chunk, request, clock);
    }
  }
}

/** Notes the jobs that carry a chunk's name, if there are any. @returns the first. */
async function lookUp(
  scheduler: Scheduler,
  state: string,
  chunk: PlannedChunk,
): Promise<string | undefined> {
  const first = readIntent(state, chunk, 1);
  const found = await scheduler.findByName(chunk.jobName, first?.epoch);
  for (const job of found) writeJob(state, chunk, job);
  return found[0];
}

function elsewhere({ experiment, scheduler, host }: Plan): SchedulerError {
  return new SchedulerError(
    `Cannot continue the submission of ${experiment}: ${scheduler} on ${host} cannot be asked here`,
    { hint: `submit it on ${host}, with scheduler: ${scheduler} in .hpc_config.yaml` },
  );
}

async function submitJob(
  scheduler: Scheduler,
  state: string,
  chunk: PlannedChunk,
  request: JobRequest,
  clock: Clock,
): Promise<string> {
  try {
    const job = await scheduler.submit(request);
    writeJob(state, chunk, job);
    return job;
  } catch (error) {
    if (error instanceof UncertainSubmissionError) {
      const found = await lookUp(scheduler, state, chunk);
      if (found !== undefined) return found;
    } else if (error instanceof SchedulerError) {
      writeRefusal(state, chunk, epochSeconds(clock), error.message);
    }
    throw error;
  }
}

function isBusy(intent: Intent, host: string, now: number): boolean {
  if (intent.host !== host) return now - intent.epoch < INTENT_SECONDS;
  return intent.pid !== Deno.pid && isProcessAlive(intent.pid) &&
    now - intent.epoch < INTENT_SECONDS;
}

function requestFor(
  { layout }: SubmissionContext,
  plan: Plan,
  chunk: PlannedChunk,
  jobs: ReadonlyMap<string, string>,
): JobRequest {
  const folder = layout.submission(plan.experiment, plan.submission);
  const jobOf = ({ stage, chunk, job }: ChunkDependency) =>
    job ?? jobs.get(chunkKey({ stage, chunk: chunk! }))!;
  return {
    script: join(folder, basename(chunk.script)),
    dependencies: chunk.after.map((dependency) => ({
      type: dependency.taskwise ? "aftercorr" : dependency.type,
      job: jobOf(dependency),
    })),
  };
}

/**
 * Finishes submissions that a crash or a doubt left undone: chunks are looked up by name, and only
 * those that nobody has are submitted. A submission with a refusal is over: what it lacks is
 * selected anew.
 */
export async function continueSubmissions(
  context: SubmissionContext,
  id: string,
): Promise<string[]> {
  const { layout } = context;
  const continued: string[] = [];
  for (const { plan } of readSubmissions(layout, id)) {
    const journal = readJournal(layout.state(id, plan.submission));
    if (journal.refused) continue;
    const missing = plan.chunks.filter((chunk) =>
      !journal.chunks.get(chunkKey(chunk))?.jobs.length &&
      !chunk.runs.every((run) => journal.cancelled.has(run))
    );
    if (missing.length === 0) continue;
    const jobs = await submitPlan(context, plan);
    continued.push(...missing.flatMap((chunk) => jobs.get(chunkKey(chunk)) ?? []));
  }
  return continued;
}
