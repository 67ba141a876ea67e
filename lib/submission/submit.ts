import { dirname, join } from "node:path";
import { ConflictError, SchedulerError } from "../core/errors.ts";
import type { Experiment, RunPoint } from "../core/experiment.ts";
import { refuseArchived } from "../store/archive_record.ts";
import { listSubmissions, nextSubmission, type Plan, type RetryRecord } from "../store/plan.ts";
import { restoreCode } from "../store/restore.ts";
import { type Snapshot, takeSnapshot } from "../store/snapshot.ts";
import { epochSeconds } from "../system/clock.ts";
import { exists, makeFolder, removeIfThere, storageError, writeWhole } from "../system/files.ts";
import { refuseClosed } from "./closed.ts";
import type { SubmissionContext } from "./context.ts";
import { refuseOtherSchedulers } from "./one_scheduler.ts";
import { prepareSubmission } from "./prepare.ts";
import { recordedCode } from "./recorded.ts";
import { preparingName, relocate, removeAbandoned } from "./preparing.ts";
import { compareWithEarlier } from "./comparability.ts";
import { scopeOf, strictest } from "./room.ts";
import type { SitedJobs } from "./resources.ts";
import { childrenOf, type Selected, type Selection, selectRuns } from "./select.ts";
import { type ExperimentStatus, type RunStatus, statusOf } from "./status.ts";
import { continueSubmissions, together, topUp, type Waiting } from "./top_up.ts";

/** What is to be submitted. */
export interface SubmitRequest {
  experiment: Experiment;
  /** What its jobs are at the site they are written for. */
  sited: SitedJobs;
  /** The points of its sweep; called again when another process was faster. */
  points: () => Iterable<RunPoint>;
  provenance: Record<string, string>;
  selection: Selection;
  versions: Record<string, string>;
  decisions: string[];
  /** Where it retries runs that failed. */
  retry?: RetryRecord;
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
  /** What waits for room in the queue; absent when everything is submitted. */
  waiting?: Waiting;
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

/** The work of a submission, and the number it was chosen for. */
interface Choice {
  submission: string;
  selected: Selected;
}

/**
 * Selects what is to be run. The number comes first: what others submit after it was chosen takes
 * that number, and is noticed.
 */
async function choose(context: SubmissionContext, request: SubmitRequest): Promise<Choice> {
  refuseArchived(context.layout, request.experiment.id, "submit");
  const submission = nextSubmission(listSubmissions(context.layout, request.experiment.id));
  const [status] = await statusOf(context, [request.experiment.id]);
  return { submission, selected: selectFor(request, status!.runs) };
}

/** The same from what is known already: what others submit since takes the next number, too. */
function chooseFrom({ plans, runs }: ExperimentStatus, request: SubmitRequest): Choice {
  const submission = nextSubmission(plans.map((plan) => plan.submission));
  return { submission, selected: selectFor(request, runs) };
}

/** Runs of the sweep, and those that retries made of them. */
function selectFor(
  { experiment, points, selection }: SubmitRequest,
  runs: readonly RunStatus[],
): Selected {
  function* all(): Generator<RunPoint> {
    yield* points();
    yield* childrenOf(experiment, points(), runs);
  }
  return selectRuns(experiment, all(), runs, selection);
}

/** Makes the files of a submission in memory. */
function prepare(
  { layout, scheduler, clock, user, host, scratch }: SubmissionContext,
  request: SubmitRequest,
  choice: Choice,
  limits: CuttingLimits,
  code?: Snapshot,
): SubmitPreview {
  const { points: _, selection: __, ...given } = request;
  const { experiment } = request;
  const folder = layout.submission(experiment.id, choice.submission);
  const inPlace = { mode: experiment.snapshot ? "in-place" : "off", warnings: [] } as const;
  const record = code?.code ?? { ...inPlace, warnings: [] };
  const prepared = prepareSubmission(layout, {
    ...given,
    ...choice,
    ...limits,
    code: record,
    reproducibility: compareWithEarlier(layout, experiment, choice.selected.runs, record),
    workdir: code ? relocate(code.workdir, folder) : experiment.workdir,
    scheduler: scheduler.name,
    token: crypto.randomUUID().slice(0, 8),
    user,
    host,
    scratch,
    created: epochSeconds(clock),
  });
  refuseOtherSchedulers(layout, prepared.plan);
  return { selected: choice.selected, ...prepared };
}

/** What a submission would be: selects the runs and makes the files in memory. */
export async function previewSubmission(
  context: SubmissionContext,
  request: SubmitRequest,
): Promise<SubmitPreview> {
  const [choice, limits] = await Promise.all([
    choose(context, request),
    limitsFor(context.scheduler, request.experiment),
  ]);
  return prepare(context, request, choice, limits);
}

/** How the work of an experiment has to be cut: the limit of each stage that has one, by its name. */
interface CuttingLimits {
  maxArrayTasks: number;
  submitLimits: Map<string, number>;
}

async function limitsFor(
  scheduler: SubmissionContext["scheduler"],
  { id, stages }: Experiment,
): Promise<CuttingLimits> {
  const { maxArrayTasks, steps = true } = await scheduler.limits();
  const submitLimits = new Map<string, number>();
  for (const { name, resources, launcher } of stages) {
    if (!steps && launcher?.kind === "srun") throw withoutSteps(id, name, scheduler.name);
    const { submit } = await scheduler.limits(scopeOf(resources));
    const limit = strictest(submit);
    if (!limit) continue;
    if (limit.max < 1) {
      throw new SchedulerError(
        `Cannot submit ${id}: ${limit.name} is ${limit.max} (${limit.source})`,
        { hint: "use another account or QOS, or ask who set it" },
      );
    }
    submitLimits.set(name, limit.max);
  }
  return { maxArrayTasks, submitLimits };
}

function withoutSteps(id: string, stage: string, scheduler: string): SchedulerError {
  return new SchedulerError(
    `Cannot submit ${id}: its stage ${stage} has launcher: srun, which ${scheduler} has not`,
    { hint: "use launcher: torchrun or mpirun, or leave it out; on Slurm, scheduler: slurm" },
  );
}

/**
 * Submits what is not completed or queued, after finishing what an earlier call left undone.
 *
 * @param known where its runs stand, when somebody has just asked.
 * @throws {SchedulerError} when the scheduler refused; what was accepted before stays and is said.
 */
export async function submitExperiment(
  context: SubmissionContext,
  request: SubmitRequest,
  known?: ExperimentStatus,
): Promise<SubmitOutcome> {
  const { layout } = context;
  const id = request.experiment.id;
  refuseClosed(context, id);
  const limits = limitsFor(context.scheduler, request.experiment); // asked while files are read
  limits.catch(() => {});
  const earlier = await continueSubmissions(context, id);
  const continued = earlier.jobs;
  const parent = dirname(layout.submission(id, "any"));
  removeAbandoned(parent, context.host, context.clock.now());
  const preparing = join(parent, preparingName(context.host));
  try {
    const choice = known ? chooseFrom(known, request) : await choose(context, request);
    if (choice.selected.work.length === 0) {
      const { selected } = choice;
      return { selected, jobs: new Map(), continued, waiting: earlier.waiting, warnings: [] };
    }
    makeFolder(preparing);
    const snapshot = await snapshotFor(context, request.experiment, preparing);
    const { plan, selected } = await place(context, request, choice, {
      snapshot,
      preparing,
      limits: await limits,
    });
    if (!plan) {
      const { jobs, waiting } = await continueSubmissions(context, id);
      continued.push(...jobs);
      return { selected, jobs: new Map(), continued, waiting, warnings: [] };
    }
    const { jobs, waiting: own } = await topUp(context, plan);
    const waiting = together(earlier.waiting, own);
    return { selected, plan, jobs, continued, waiting, warnings: plan.code.warnings };
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
  const target = join(preparing, "code");
  const recorded = recordedCode(layout, experiment);
  if (recorded) return await restoreCode(runner, recorded, target);
  return await takeSnapshot(runner, {
    workdir: experiment.workdir,
    target,
    diff: join(preparing, "code.diff"),
    project: layout.root,
  });
}

/** Writes the files and gives the folder its name; when another process took it, chooses anew. */
async function place(
  context: SubmissionContext,
  request: SubmitRequest,
  first: Choice,
  { snapshot, preparing, limits }: {
    snapshot: Snapshot;
    preparing: string;
    limits: CuttingLimits;
  },
): Promise<{ plan?: Plan; selected: Selected }> {
  const { layout } = context;
  let choice = first;
  for (let tries = 0; tries < 100; tries++) {
    const { plan, selected, files } = prepare(context, request, choice, limits, snapshot);
    for (const [name, text] of files) writeWhole(join(preparing, name), text);
    makeFolder(layout.submissionLogs(plan.experiment, plan.submission));
    const folder = layout.submission(plan.experiment, plan.submission);
    if (rename(preparing, folder)) {
      withdrawIfClosed(context, plan.experiment, folder, preparing);
      return { plan, selected };
    }
    for (const name of files.keys()) removeIfThere(join(preparing, name));
    choice = await choose(context, request);
    if (choice.selected.work.length === 0) return { selected: choice.selected };
  }
  throw new ConflictError(
    `Cannot submit ${request.experiment.id}: other processes submit it all the time`,
    { hint: "wait for them, and submit again" },
  );
}

/** Whoever archives looks after it has closed the experiment, and we after we have the name. */
function withdrawIfClosed(
  context: SubmissionContext,
  id: string,
  folder: string,
  preparing: string,
): void {
  try {
    refuseClosed(context, id);
  } catch (error) {
    rename(folder, preparing);
    throw error;
  }
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
