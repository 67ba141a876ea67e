import { SchedulerError } from "../core/errors.ts";
import type { Layout } from "../store/layout.ts";
import { type Plan, readPlan } from "../store/plan.ts";

/**
 * Refuses jobs that would wait for a job of another scheduler: a number means something else there.
 *
 * @throws {SchedulerError} that names both.
 */
export function refuseOtherSchedulers(
  layout: Layout,
  { experiment, scheduler, chunks }: Pick<Plan, "experiment" | "scheduler" | "chunks">,
): void {
  const schedulers = new Map<string, string | undefined>();
  for (const { stage, after } of chunks) {
    for (const { job, submission, stage: before } of after) {
      if (job === undefined || submission === undefined) continue;
      if (!schedulers.has(submission)) {
        schedulers.set(submission, readPlan(layout, experiment, submission)?.scheduler);
      }
      const other = schedulers.get(submission);
      if (other === undefined || other === scheduler) continue;
      throw new SchedulerError(
        `Cannot submit ${stage} of ${experiment} to ${scheduler}: it waits for ${before}, which is ` +
          `job ${job} of ${other}`,
        { hint: `submit it with --to ${other}, or when that job has ended` },
      );
    }
  }
}
