import { SchedulerError } from "../core/errors.ts";
import { isEnded } from "../core/states.ts";
import type { JobTarget, Scheduler } from "../schedulers/scheduler.ts";
import { writeCancellations } from "../store/journal.ts";
import { epochSeconds } from "../system/clock.ts";
import type { SubmissionContext } from "./context.ts";
import type { StageStatus } from "./fold.ts";
import { type ExperimentStatus, type RunStatus, statusOf } from "./status.ts";

/** What a cancellation did. */
export interface CancelOutcome {
  /** Runs whose cancellation was asked for. */
  cancelled: number[];
  /** Runs that had ended before. */
  ended: number[];
  /** Of those cancelled, the ones whose job goes on with other runs: it ends them itself. */
  shared: number[];
  /** Of those cancelled, the ones of which no job is known: nobody was asked, the wish is noted. */
  unasked: number[];
}

/** Cancels the runs of an experiment, or only those in `only`. Exactly this id, never a prefix. */
export async function cancelRuns(
  context: SubmissionContext,
  id: string,
  only?: ReadonlySet<number>,
): Promise<CancelOutcome> {
  const [status] = await statusOf(context, [id]);
  const wanted = status!.runs.filter((run) => only === undefined || only.has(run.index));
  const live = wanted.filter((run) => liveStages(run).length > 0);
  const epoch = epochSeconds(context.clock);
  for (const [submission, runs] of bySubmission(live)) {
    writeCancellations(context.layout.state(id, submission), runs, epoch);
  }
  const whole = new Set<string>();
  for (const [scheduler, submissions] of bySchedulers(context, status!)) {
    const targets = targetsOf(stagesIn(live, submissions), stagesIn(status!.runs, submissions));
    if (targets.length > 0) await scheduler.cancel(targets);
    for (const { job, task } of targets) whole.add(targetKey(job, task));
  }
  const cancelled = live.map((run) => run.index);
  const goesOn = ({ job, task, shared }: StageStatus) =>
    shared && job !== undefined && !whole.has(targetKey(job)) && !whole.has(targetKey(job, task));
  return {
    cancelled,
    ended: wanted.map((run) => run.index).filter((index) => !cancelled.includes(index)),
    unasked: live.filter((run) => liveStages(run).some(isOutOfReach)).map(({ index }) => index),
    shared: live.filter((run) => liveStages(run).some(goesOn)).map(({ index }) => index),
  };
}

function targetKey(job: string, task?: number): string {
  return task === undefined ? job : `${job}_${task}`;
}

function liveStages(run: RunStatus): StageStatus[] {
  return Object.values(run.stages).filter((stage) => !isEnded(stage.state));
}

/** What waits to be submitted needs no job to be cancelled. */
function isOutOfReach({ state, job }: StageStatus): boolean {
  return state === "unknown" && job === undefined;
}

function bySubmission(runs: readonly RunStatus[]): Map<string, number[]> {
  const found = new Map<string, Set<number>>();
  for (const run of runs) {
    for (const { submission } of liveStages(run)) {
      found.set(submission, (found.get(submission) ?? new Set()).add(run.index));
    }
  }
  return new Map([...found].map(([submission, indices]) => [submission, [...indices]]));
}

/** Each scheduler with the submissions that went to it. */
function bySchedulers(
  context: SubmissionContext,
  { plans, id }: ExperimentStatus,
): Map<Scheduler, Set<string>> {
  const found = new Map<Scheduler, Set<string>>();
  for (const plan of plans) {
    const scheduler = context.schedulerOf(plan);
    if (!scheduler) {
      throw new SchedulerError(
        `Cannot cancel all of ${id}: ${plan.scheduler} on ${plan.host} cannot be asked from here`,
        { hint: `cancel it on ${plan.host}` },
      );
    }
    found.set(scheduler, (found.get(scheduler) ?? new Set()).add(plan.submission));
  }
  return found;
}

function stagesIn(runs: readonly RunStatus[], submissions: ReadonlySet<string>): StageStatus[] {
  return runs.flatMap(liveStages).filter(({ submission }) => submissions.has(submission));
}

/** The job of a stage; all jobs of a chain. */
function jobsOf({ job, task, chain }: StageStatus): Pick<StageStatus, "job" | "task">[] {
  return chain?.map((job) => ({ job, task })) ?? [{ job, task }];
}

/**
 * Whole jobs where everything alive in them goes, single tasks otherwise. A task that carries other
 * runs too is left alone: it finds the wish in the journal.
 */
function targetsOf(cancelled: readonly StageStatus[], all: readonly StageStatus[]): JobTarget[] {
  const alive = countByTask(all);
  return [...countByTask(cancelled)].flatMap(([job, wanted]): JobTarget[] => {
    const tasks = alive.get(job)!;
    const whole = [...wanted].filter(([task, runs]) => runs === tasks.get(task));
    return whole.length === tasks.size ? [{ job }] : whole.map(([task]) => ({ job, task }));
  });
}

/** Job → task → how many runs it carries. */
function countByTask(
  stages: readonly StageStatus[],
): Map<string, Map<number | undefined, number>> {
  const counts = new Map<string, Map<number | undefined, number>>();
  for (const { job, task } of stages.flatMap(jobsOf)) {
    if (job === undefined) continue;
    const tasks = counts.get(job) ?? new Map<number | undefined, number>();
    tasks.set(task, (tasks.get(task) ?? 0) + 1);
    counts.set(job, tasks);
  }
  return counts;
}
