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
  for (const [scheduler, submissions] of bySchedulers(context, status!)) {
    const targets = targetsOf(stagesIn(live, submissions), stagesIn(status!.runs, submissions));
    if (targets.length > 0) await scheduler.cancel(targets);
  }
  const cancelled = live.map((run) => run.index);
  return {
    cancelled,
    ended: wanted.map((run) => run.index).filter((index) => !cancelled.includes(index)),
  };
}

function liveStages(run: RunStatus): StageStatus[] {
  return Object.values(run.stages).filter((stage) => !isEnded(stage.state));
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

/** Whole jobs where everything alive in them goes, single tasks otherwise. */
function targetsOf(cancelled: readonly StageStatus[], all: readonly StageStatus[]): JobTarget[] {
  const alive = new Map<string, number>();
  for (const { job } of all.flatMap(jobsOf)) {
    if (job !== undefined) alive.set(job, (alive.get(job) ?? 0) + 1);
  }
  const wanted = new Map<string, (number | undefined)[]>();
  for (const { job, task } of cancelled.flatMap(jobsOf)) {
    if (job !== undefined) wanted.set(job, [...wanted.get(job) ?? [], task]);
  }
  return [...wanted].flatMap(([job, tasks]): JobTarget[] =>
    tasks.length === alive.get(job) ? [{ job }] : tasks.map((task) => ({ job, task }))
  );
}
