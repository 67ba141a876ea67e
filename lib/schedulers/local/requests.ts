import { SchedulerError } from "../../core/errors.ts";
import type { Clock } from "../../system/clock.ts";
import type { JobTarget } from "../scheduler.ts";
import { isOver, type JobProgress } from "./progress.ts";
import { cancelName, type Layout, readProgress, request, requeueName } from "./store.ts";
import { positionOf } from "../batch/tasks.ts";

/** Something asked of a job; `isDone` looks whether the supervisor has taken it up. */
export interface Asked {
  job: number;
  names: string[];
  isDone(progress: JobProgress): boolean;
}

/** The number of a job. @throws {SchedulerError} when the text is none. */
export function jobNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new SchedulerError(`Cannot use ${JSON.stringify(text)} as the id of a job`, {
    hint: "ids of jobs are numbers",
  });
}

/** What cancelling asks; nothing for a job or task that is not there or is over, as scancel. */
export function askCancel(layout: Layout, target: JobTarget): Asked | undefined {
  const job = jobNumber(target.job);
  const { task } = target;
  const isDone = (progress: JobProgress): boolean => {
    if (isOver(progress) || progress.cancelled !== undefined) return true;
    const now = task === undefined ? undefined : progress.touched.get(task);
    return now?.phase === "ended" || now?.marks.cancel !== undefined;
  };
  const progress = readProgress(layout, job);
  if (!progress || isDone(progress)) return undefined;
  if (task !== undefined && positionOf(progress.indices, task) < 0) return undefined;
  return { job, names: [cancelName(task)], isDone };
}

/**
 * What requeueing asks: of one task, or of all that run or have ended.
 *
 * @throws {SchedulerError} when there is nothing to run again.
 */
export function askRequeue(layout: Layout, target: JobTarget): Asked {
  const job = jobNumber(target.job);
  const progress = readProgress(layout, job);
  const named = `job ${target.job}${target.task === undefined ? "" : ` task ${target.task}`}`;
  const refuse = (why: string): SchedulerError =>
    new SchedulerError(`Cannot requeue ${named}: ${why}`, {
      hint: "only what runs or has ended by itself can be run again; submit it anew",
    });
  if (!progress) throw refuse("there is no such job");
  if (progress.cancelled !== undefined) throw refuse("it was cancelled");
  const wanted = target.task === undefined ? [...progress.touched.keys()] : [target.task];
  const restarts = new Map<number, number>();
  for (const index of wanted) {
    const task = progress.touched.get(index);
    if (task && task.phase !== "pending" && task.marks.cancel === undefined) {
      restarts.set(index, task.restart);
    }
  }
  if (restarts.size === 0) throw refuse("it has not started, or was cancelled");
  return {
    job,
    names: Array.from(restarts, ([index, restart]) => requeueName(index, restart)),
    isDone: ({ touched }) =>
      [...restarts].every(([index, restart]) => {
        const task = touched.get(index);
        return task !== undefined && (task.restart > restart || task.marks.requeue !== undefined);
      }),
  };
}

/** Milliseconds the supervisor has to take up a request. */
const ANSWER_TIME = 10_000;

/** Hands requests to the supervisor and waits until it has taken them up. */
export async function ask(
  layout: Layout,
  asked: Asked[],
  { clock, ensure }: { clock: Clock; ensure: () => Promise<void> },
): Promise<void> {
  if (asked.length === 0) return;
  for (const { job, names } of asked) request(layout, job, names);
  await ensure();
  const end = clock.now() + ANSWER_TIME;
  for (const { job, isDone } of asked) {
    for (
      let now = readProgress(layout, job);
      now && !isDone(now);
      now = readProgress(layout, job)
    ) {
      if (clock.now() > end) {
        throw new SchedulerError(`Cannot say whether job ${job} took it: no answer in 10 s`, {
          hint: `the request stays; the supervisor's log is ${layout.log}`,
        });
      }
      await clock.sleep(20);
      await ensure();
    }
  }
}
