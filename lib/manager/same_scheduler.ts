import { UsageError } from "../core/errors.ts";
import type { ExperimentStatus, RunStatus } from "../submission/status.ts";
import type { Project } from "./project.ts";

/** Runs with the project as it is to be used for them: new jobs go to where the last ones went. */
export interface RunsOfScheduler {
  project: Project;
  runs: number[];
}

/** Puts runs together that went to one scheduler last; where the caller asked for one, all of them. */
export function byScheduler(
  project: Project,
  { plans }: Pick<ExperimentStatus, "plans">,
  runs: readonly RunStatus[],
): RunsOfScheduler[] {
  if (runs.length === 0) return [];
  if (project.to !== undefined) return [{ project, runs: runs.map(({ index }) => index) }];
  const byName = new Map(plans.map((plan) => [plan.submission, plan]));
  const found = Map.groupBy(runs, (run) => {
    const last = Object.values(run.stages).map(({ submission }) => Number(submission))
      .reduce((most, one) => Math.max(most, one), 0);
    const plan = byName.get(String(last).padStart(3, "0"));
    return (plan && project.context.schedulerOf(plan)) ?? project.context.scheduler;
  });
  return Array.from(found, ([scheduler, some]) => ({
    project: scheduler === project.context.scheduler
      ? project
      : { ...project, context: { ...project.context, scheduler } },
    runs: some.map(({ index }) => index),
  }));
}

/**
 * The project as it is to be used for runs that are submitted together.
 *
 * @throws {UsageError} when they went to several schedulers.
 */
export function withOneScheduler(
  project: Project,
  status: Pick<ExperimentStatus, "id" | "plans">,
  runs: readonly RunStatus[],
): Project {
  const found = byScheduler(project, status, runs);
  if (found.length < 2) return found[0]?.project ?? project;
  const names = found.map((one) => one.project.context.scheduler.name).join(" and ");
  throw new UsageError(`Cannot submit ${status.id} as one: its runs went to ${names} before`, {
    hint: "say where all of them go, as --to queue, or name one run",
  });
}
