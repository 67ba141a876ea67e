import pLimit from "p-limit";
import { NoRoomError, SchedulerError, UncertainSubmissionError } from "../core/errors.ts";
import type { SchedulerLimits } from "../schedulers/scheduler.ts";
import { chunkKey, type Journal, readJournal, writeRefusal } from "../store/journal.ts";
import { type Plan, type PlannedChunk, readSubmissions } from "../store/plan.ts";
import { epochSeconds } from "../system/clock.ts";
import { removeIfThere } from "../system/files.ts";
import type { SubmissionContext } from "./context.ts";
import { elsewhere, submitChunk } from "./jobs.ts";
import { taskCount } from "./packs.ts";
import { Predecessors } from "./predecessors.ts";
import { type Applicant, scopeOf, type Shortage, whatFits } from "./room.ts";

/** Calls of sbatch at once: more are not faster, and a controller serves others too. */
const AT_ONCE = 4;

/** What waits for room in the queue, and for how much. */
export interface Waiting {
  /** Indices of the runs of which a job is not submitted yet. */
  runs: number[];
  /** Jobs that are not submitted yet; an array is one. */
  jobs: number;
  /** The limit that keeps them out, with what is known of it: `MaxSubmitJobsPerUser of QOS x is 5`. */
  limit: string;
}

/** How far the submission of a plan has come. */
export interface Progress {
  /** Job of each chunk that has one, by `stage.chunk`. */
  jobs: Map<string, string>;
  /** Those of them that this call submitted or found. */
  added: string[];
  /** What was left for later; absent when everything is submitted. */
  waiting?: Waiting;
}

/**
 * Submits those jobs of a plan that have none yet and for which there is room, each as soon as the
 * ones it waits for have their ids. Any number of processes may do it at the same time.
 *
 * @throws {SchedulerError} when one was refused; nothing more of that plan is submitted then.
 */
export async function topUp(context: SubmissionContext, plan: Plan): Promise<Progress> {
  const state = context.layout.state(plan.experiment, plan.submission);
  const journal = readJournal(state);
  const jobs = new Map(
    [...journal.chunks].flatMap(([key, { jobs: [job] }]) => job === undefined ? [] : [[key, job]]),
  );
  const missing = plan.chunks.filter((chunk) => isMissing(chunk, journal));
  if (missing.length === 0) return { jobs, added: [] };
  const scheduler = context.schedulerOf(plan);
  if (!scheduler) throw elsewhere(plan);
  const before = new Set(jobs.keys());
  const { fits, shortage } = await openRoom(context, plan, missing);
  const going = startable(plan, missing, new Set(fits));
  const predecessors = new Predecessors(
    context.layout,
    plan,
    jobs,
    new Set(going.map(chunkKey)),
  );
  await predecessors.ask(scheduler, going);
  const { noRoom, failure } = await submitAll(context, plan, going, jobs, predecessors);
  if (failure !== undefined) throw explained(context, plan, jobs, failure);
  const added = [...jobs].flatMap(([key, job]) => before.has(key) ? [] : [job]);
  const rest = missing.filter((chunk) => !jobs.has(chunkKey(chunk)));
  if (rest.length === 0) return { jobs, added };
  const runs = [...new Set(rest.flatMap(({ runs }) => runs))].sort((a, b) => a - b);
  const limit = shortage ? tell(shortage) : noRoom?.limit ?? "the stages before are not submitted";
  return { jobs, added, waiting: { runs, jobs: rest.length, limit } };
}

/** Whether a chunk has no job, and is still wanted. */
function isMissing(chunk: PlannedChunk, journal: Journal): boolean {
  return !journal.chunks.get(chunkKey(chunk))?.jobs.length &&
    !chunk.runs.every((run) => journal.cancelled.has(run));
}

/** `MaxSubmitJobsPerUser of QOS limited is 5, and 4 count (sacctmgr)`. */
function tell({ limit: { name, max, source }, used }: Shortage): string {
  return `${name} is ${max}, ${used} queued or running before (${source})`;
}

/** What fits beside that which is queued now, by one look at the queue. */
async function openRoom(
  context: SubmissionContext,
  plan: Plan,
  missing: readonly PlannedChunk[],
) {
  const scheduler = context.schedulerOf(plan)!;
  const limits = await limitsOf(context, plan);
  const applicants = missing.map((chunk): Applicant => ({
    key: chunkKey(chunk),
    tasks: taskCount(chunk),
    limits: limits.get(chunk.stage)?.submit ?? [],
  }));
  const all = [
    ...new Map(applicants.flatMap((one) => one.limits.map((l) => [l.name, l]))).values(),
  ];
  const used = new Map<string, number>();
  if (all.length > 0) {
    try {
      const counts = await scheduler.countQueued(all.map(({ counts }) => counts));
      for (const [at, { name }] of all.entries()) used.set(name, counts[at]!);
    } catch (error) {
      if (!(error instanceof SchedulerError)) throw error; // then a refusal tells
    }
  }
  const room = whatFits(applicants, used);
  if (room.never) {
    const { limit, key } = room.never;
    const chunk = missing.find((one) => chunkKey(one) === key)!;
    const error = new SchedulerError(
      `Cannot submit ${
        taskCount(chunk)
      } tasks at once: ${limit.name} is ${limit.max} (${limit.source})`,
      { hint: `\`expflow submit ${plan.experiment}\` cuts what is left anew` },
    );
    const { layout, clock } = context;
    const state = layout.state(plan.experiment, plan.submission);
    writeRefusal(state, chunk, epochSeconds(clock), error.message);
    throw error;
  }
  return room;
}

/** The limits of each stage of a plan, from the scheduler that has its jobs. */
async function limitsOf(
  context: SubmissionContext,
  plan: Plan,
): Promise<ReadonlyMap<string, SchedulerLimits>> {
  const scheduler = context.schedulerOf(plan)!;
  const found = new Map<string, SchedulerLimits>();
  for (const { name, resources } of plan.config.stages) {
    found.set(name, await scheduler.limits(scopeOf(resources)));
  }
  return found;
}

/** Of the chunks that fit, those whose predecessors have a job or get one now. */
function startable(
  plan: Plan,
  missing: readonly PlannedChunk[],
  fits: ReadonlySet<string>,
): PlannedChunk[] {
  const left = new Set(missing.map(chunkKey));
  const going = new Set<string>();
  return missing.filter((chunk) => {
    const ready = chunk.after.every(({ chunk: before }) => {
      if (before === undefined) return true;
      const key = chunkKey(plan.chunks[before]!);
      return !left.has(key) || going.has(key);
    });
    if (ready && fits.has(chunkKey(chunk))) going.add(chunkKey(chunk));
    return going.has(chunkKey(chunk));
  });
}

/** Submits these with a few calls at once. Nothing new is begun after a failure. */
async function submitAll(
  context: SubmissionContext,
  plan: Plan,
  going: readonly PlannedChunk[],
  jobs: Map<string, string>,
  predecessors: Predecessors,
): Promise<{ noRoom?: NoRoomError; failure?: unknown }> {
  const limit = pLimit(AT_ONCE);
  const under = new Map<string, Promise<void>>();
  let noRoom: NoRoomError | undefined;
  let failure: unknown;
  for (const chunk of going) {
    const key = chunkKey(chunk);
    const before = predecessors.before(chunk).map((one) => under.get(one));
    under.set(
      key,
      Promise.all(before).then(() =>
        limit(async () => {
          const lacking = predecessors.before(chunk).some((one) =>
            under.has(one) && !jobs.has(one)
          );
          if (noRoom || failure !== undefined || lacking) return;
          try {
            const waitsFor = predecessors.requested(chunk);
            jobs.set(key, await submitChunk(context, plan, chunk, waitsFor));
          } catch (error) {
            if (error instanceof NoRoomError) noRoom = error;
            else failure ??= error;
          }
        })
      ),
    );
  }
  await Promise.all(under.values());
  return { noRoom, failure };
}

/** After a refusal: a submission of which nothing was accepted leaves nothing behind. */
function explained(
  { layout }: SubmissionContext,
  plan: Plan,
  jobs: ReadonlyMap<string, string>,
  error: unknown,
): unknown {
  if (!(error instanceof SchedulerError) || error instanceof UncertainSubmissionError) return error;
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

/** What {@linkcode continueSubmissions} did for one experiment. */
export interface Continued {
  /** Jobs that were submitted or found now. */
  jobs: string[];
  /** What still waits for room; absent when nothing does. */
  waiting?: Waiting;
}

/**
 * Goes on with submissions that a crash, a doubt or a full queue left undone: chunks are looked up
 * by name, and only those that nobody has are submitted. A submission with a refusal is over: what
 * it lacks is selected anew.
 */
export async function continueSubmissions(
  context: SubmissionContext,
  id: string,
): Promise<Continued> {
  const done: Continued = { jobs: [] };
  for (const { plan } of readSubmissions(context.layout, id)) {
    const journal = readJournal(context.layout.state(id, plan.submission));
    if (journal.refused || !plan.chunks.some((chunk) => isMissing(chunk, journal))) continue;
    const { added, waiting } = await topUp(context, plan);
    done.jobs.push(...added);
    done.waiting = together(done.waiting, waiting);
  }
  return done;
}

/** Both, as one. */
export function together(
  one: Waiting | undefined,
  other: Waiting | undefined,
): Waiting | undefined {
  if (!one || !other) return one ?? other;
  const runs = [...new Set([...one.runs, ...other.runs])].sort((a, b) => a - b);
  return { ...one, runs, jobs: one.jobs + other.jobs };
}
