import { NoRoomError, SchedulerError, UncertainSubmissionError } from "../core/errors.ts";
import type { JobRequest, Scheduler } from "../schedulers/scheduler.ts";
import {
  chunkKey,
  type Intent,
  readIntent,
  readJournal,
  UNTOUCHED,
  writeFull,
  writeIntent,
  writeJob,
  writeRefusal,
} from "../store/journal.ts";
import { type Clock, epochSeconds } from "../system/clock.ts";
import { isProcessAlive } from "../system/processes.ts";

/** Something that becomes one job, under a name that nothing else has. */
export interface NamedChunk {
  stage: string;
  chunk: number;
  jobName: string;
  /** How many tasks the job has. */
  tasks: number;
}

/** Where it is noted, and what submitting needs. */
export interface OncePorts {
  /** Folder of the journal. */
  state: string;
  clock: Clock;
  host: string;
  /** Asked for when it is needed. @throws {SchedulerError} where there is none. */
  scheduler: () => Scheduler;
}

/** How long another host may take over one sbatch before its intent is doubted. */
const INTENT_SECONDS = 300;
const BUSY_POLL_MS = 200;

/**
 * Submits something, unless it has a job or gets one from another process meanwhile: the intent is
 * noted before, and after a crash the job is looked up by its name. @returns the job.
 *
 * @throws {NoRoomError} when there is no room now, {SchedulerError} when it was refused for good.
 */
export async function submitOnce(
  { state, clock, host, scheduler: open }: OncePorts,
  chunk: NamedChunk,
  request: JobRequest,
): Promise<string> {
  for (let tries = 1;;) {
    const known = readJournal(state).chunks.get(chunkKey(chunk)) ?? UNTOUCHED;
    if (known.jobs[0] !== undefined) return known.jobs[0];
    const before = known.turn > known.full ? readIntent(state, chunk, known.turn) : undefined;
    if (before && isBusy(before, host, epochSeconds(clock))) {
      await clock.sleep(BUSY_POLL_MS);
      continue;
    }
    const scheduler = open();
    const found = known.turn > 0 ? await lookUp(scheduler, state, chunk) : undefined;
    if (found !== undefined) return found;
    const intent = { pid: Deno.pid, host, epoch: epochSeconds(clock) };
    const turn = known.turn + 1;
    if (!writeIntent(state, chunk, turn, intent)) continue;
    const submitted = await submitJob({ scheduler, state, chunk, turn, clock }, request);
    if (typeof submitted === "string") return submitted;
    if (await canEnd(scheduler, submitted)) throw submitted;
    // a job of ours may have ended between the refusal and the look: then there is room now
    if (tries++ > 1) throw refused({ state, chunk, clock }, submitted);
  }
}

/** Notes the jobs that carry a chunk's name, if there are any. @returns the first. */
async function lookUp(
  scheduler: Scheduler,
  state: string,
  chunk: NamedChunk,
): Promise<string | undefined> {
  const first = readIntent(state, chunk, 1);
  const found = await scheduler.findByName(chunk.jobName, first?.epoch);
  for (const job of found) writeJob(state, chunk, job);
  return found[0];
}

/** One attempt at submitting a chunk. */
interface Attempt {
  scheduler: Scheduler;
  state: string;
  chunk: NamedChunk;
  turn: number;
  clock: Clock;
}

/** @returns the job, or why there is no room. */
async function submitJob(
  { scheduler, state, chunk, turn, clock }: Attempt,
  request: JobRequest,
): Promise<string | NoRoomError> {
  try {
    const job = await scheduler.submit(request);
    writeJob(state, chunk, job);
    return job;
  } catch (error) {
    const doubtful = error instanceof NoRoomError
      ? !error.sure
      : error instanceof UncertainSubmissionError;
    const found = doubtful ? await lookUp(scheduler, state, chunk) : undefined;
    if (found !== undefined) return found;
    if (error instanceof NoRoomError) {
      writeFull(state, chunk, turn);
      return error;
    }
    if (error instanceof SchedulerError && !doubtful) {
      writeRefusal(state, chunk, epochSeconds(clock), error.message);
    }
    throw error;
  }
}

/** Whether waiting can help: something that counts against the limit can end. */
async function canEnd(scheduler: Scheduler, { shared }: NoRoomError): Promise<boolean> {
  if (shared) return true;
  try {
    const [own] = await scheduler.countQueued([{ own: true }]);
    return own! > 0;
  } catch (error) {
    if (error instanceof SchedulerError) return true; // nobody knows
    throw error;
  }
}

/** A limit that keeps a job out although nothing of the user's is queued: it is for good. */
function refused(
  { state, chunk, clock }: Pick<Attempt, "state" | "chunk" | "clock">,
  { message, limit }: NoRoomError,
): SchedulerError {
  writeRefusal(state, chunk, epochSeconds(clock), message);
  return new SchedulerError(`${message} (no job of yours is queued that could end)`, {
    hint: `${limit} leaves no room for ${chunk.tasks} tasks at once: ask who set it, or use ` +
      "another account or QOS",
  });
}

function isBusy(intent: Intent, host: string, now: number): boolean {
  if (intent.host !== host) return now - intent.epoch < INTENT_SECONDS;
  return intent.pid !== Deno.pid && isProcessAlive(intent.pid) &&
    now - intent.epoch < INTENT_SECONDS;
}
