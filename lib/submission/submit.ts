import { basename, dirname, join } from "node:path";
import {
  ConflictError,
  type ExpflowError,
  SchedulerError,
  UncertainSubmissionError,
} from "../core/errors.ts";
import type { Experiment, RunPoint } from "../core/experiment.ts";
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
  listSubmissions,
  nextSubmission,
  type Plan,
  type PlannedChunk,
  readSubmissions,
} from "../store/plan.ts";
import { type Snapshot, takeSnapshot } from "../store/snapshot.ts";
import { type Clock, epochSeconds } from "../system/clock.ts";
import { exists, makeFolder, removeIfThere, storageError, writeWhole } from "../system/files.ts";
import { isProcessAlive } from "../system/processes.ts";
import type { SubmissionContext } from "./context.ts";
import { prepareSubmission } from "./prepare.ts";
import { type Selected, type Selection, selectRuns } from "./select.ts";
import { statusOf } from "./status.ts";

/** How long another host may take over one sbatch before its intent is doubted. */
const INTENT_SECONDS = 300;
const BUSY_POLL_MS = 200;

/** What is to be submitted. */
export interface SubmitRequest {
  experiment: Experiment;
  /** The points of its sweep; called again when another process was faster. */
  points: () => Iterable<RunPoint>;
  provenance: Record<string, string>;
  selection: Selection;
  versions: Record<string, string>;
  decisions: string[];
}

/** What was submitted, or why there was nothing to submit. */
export interface SubmitOutcome {
  /** What was run, and what was left out. */
  selected: Selected;
  /** Absent when every run is completed or queued. */
  plan?: Plan;
  /** Job of each chunk that has one, by `stage.chunk`. */
  jobs: Map<string, string>;
  /** Jobs of earlier, interrupted submissions that were submitted or found now. */
  continued: string[];
  /** On the code that was submitted, one line each. */
  warnings: string[];
}

/** What a submission would be, without doing it. */
export interface SubmitPreview {
  /** What would be run, and what would be left out. */
  selected: Selected;
  /** Jobs and metadata as they would be recorded. */
  plan: Plan;
  /** Name in the submission's folder → text: scripts, tables, plan. */
  files: Map<string, string>;
}

/**
 * Selects what is to be run, and makes the files of the submission in memory. The
 * number comes first: what others submit after it was chosen takes that number, and is noticed.
 */
export async function previewSubmission(
  context: SubmissionContext,
  request: SubmitRequest,
  code?: Snapshot,
): Promise<SubmitPreview> {
  const { layout, scheduler, clock, user, host } = context;
  const { experiment, provenance, versions, decisions } = request;
  const submission = nextSubmission(listSubmissions(layout, experiment.id));
  const [status] = await statusOf(context, [experiment.id]);
  const selected = selectRuns(experiment, request.points(), status!.runs, request.selection);
  const folder = layout.submission(experiment.id, submission);
  const { maxArrayTasks } = await scheduler.limits();
  const inPlace = { mode: experiment.snapshot ? "in-place" : "off", warnings: [] } as const;
  const prepared = prepareSubmission(layout, {
    experiment,
    submission,
    selected,
    code: code?.code ?? { ...inPlace, warnings: [] },
    workdir: code ? relocate(code.workdir, folder) : experiment.workdir,
    provenance,
    scheduler: scheduler.name,
    maxArrayTasks,
    token: crypto.randomUUID().slice(0, 8),
    user,
    host,
    versions,
    created: epochSeconds(clock),
    decisions,
  });
  return { selected, ...prepared };
}

const PREPARING = ".preparing-";

/** A path in the folder a submission is prepared in → the same in its final folder. */
function relocate(path: string, folder: string): string {
  const parts = path.split("/");
  const at = parts.findIndex((part) => part.startsWith(PREPARING));
  return at < 0 ? path : join(folder, ...parts.slice(at + 1));
}

/**
 * Submits what is not completed or queued, after finishing what an earlier call left undone.
 *
 * @throws {SchedulerError} when the scheduler refused; what was accepted before stays and is said.
 */
export async function submitExperiment(
  context: SubmissionContext,
  request: SubmitRequest,
): Promise<SubmitOutcome> {
  const { layout } = context;
  const id = request.experiment.id;
  const continued = await continueSubmissions(context, id);
  const parent = dirname(layout.submission(id, "any"));
  const preparing = join(parent, `${PREPARING}${crypto.randomUUID().slice(0, 8)}`);
  try {
    const first = await previewSubmission(context, request);
    if (first.selected.work.length === 0) {
      return { selected: first.selected, jobs: new Map(), continued, warnings: [] };
    }
    makeFolder(preparing);
    const snapshot = await snapshotFor(context, request.experiment, preparing);
    const { plan, selected } = await place(context, request, snapshot, preparing);
    if (!plan) {
      continued.push(...await continueSubmissions(context, id));
      return { selected, jobs: new Map(), continued, warnings: [] };
    }
    const jobs = await submitPlan(context, plan);
    return { selected, plan, jobs, continued, warnings: plan.code.warnings };
  } finally {
    removeIfThere(preparing);
  }
}

async function snapshotFor(
  { runner, layout }: SubmissionContext,
  experiment: Experiment,
  preparing: string,
): Promise<Snapshot> {
  if (!experiment.snapshot) {
    return { code: { mode: "off", warnings: [] }, workdir: experiment.workdir };
  }
  return await takeSnapshot(runner, {
    workdir: experiment.workdir,
    target: join(preparing, "code"),
    diff: join(preparing, "code.diff"),
    project: layout.root,
  });
}

/** Writes the files and gives the folder its name; when another process took it, all over again. */
async function place(
  context: SubmissionContext,
  request: SubmitRequest,
  snapshot: Snapshot,
  preparing: string,
): Promise<{ plan?: Plan; selected: Selected }> {
  for (let tries = 0; tries < 100; tries++) {
    const { plan, selected, files } = await previewSubmission(context, request, snapshot);
    if (selected.work.length === 0) return { selected };
    for (const [name, text] of files) writeWhole(join(preparing, name), text);
    makeFolder(context.layout.submissionLogs(plan.experiment, plan.submission));
    if (rename(preparing, context.layout.submission(plan.experiment, plan.submission))) {
      return { plan, selected };
    }
    for (const name of files.keys()) removeIfThere(join(preparing, name));
  }
  throw new ConflictError(
    `Cannot submit ${request.experiment.id}: other processes submit it all the time`,
    { hint: "wait for them, and submit again" },
  );
}

/** A folder is renamed only to a name that nobody has: a submission's folder is never empty. */
function rename(from: string, to: string): boolean {
  if (exists(to)) return false;
  try {
    Deno.renameSync(from, to);
    return true;
  } catch (error) {
    if (exists(to)) return false;
    throw storageError(`create ${to}`, error);
  }
}

/** Submits every chunk of a plan that has no job yet. @returns job of each chunk. */
async function submitPlan(context: SubmissionContext, plan: Plan): Promise<Map<string, string>> {
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
async function continueSubmissions(context: SubmissionContext, id: string): Promise<string[]> {
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
