import { DEFAULT_MAX_RESTARTS, type Experiment } from "../core/experiment.ts";
import { isEnded } from "../core/states.ts";
import { STUCK } from "../submission/fold.ts";
import { isInterrupted, latestAttempt } from "../submission/select.ts";
import type { ExperimentStatus, RunStatus } from "../submission/status.ts";
import { submitExperiment } from "../submission/submit.ts";
import { loadExperiment } from "./experiments.ts";
import type { Project } from "./project.ts";
import { byScheduler } from "./same_scheduler.ts";
import { Retrier, type RetryReport } from "./retry.ts";
import { type Act, requestOf, type WaitOptions, watch } from "./submit.ts";

/** Milliseconds for which ended runs are gathered, so that those of one cause are one submission. */
const GATHER_MS: Record<"near" | "cluster", number> = { near: 500, cluster: 60_000 };

/**
 * As `wait`, and submits again what may go on: runs that their time limit, preemption or a node ended,
 * where their stage says `resume: resubmit` (as often as `max_restarts` allows, and as long as they
 * leave new checkpoints), and runs that `retry:` has a rule for.
 */
export async function waitAndContinue(
  project: Project,
  id: string,
  options: WaitOptions = {},
): Promise<ExperimentStatus> {
  return await watch(project, id, options, keepGoing(project, id, options));
}

/** What {@linkcode waitAndContinue} does at a look. */
export function keepGoing(
  project: Project,
  id: string,
  options: Pick<WaitOptions, "onNotice">,
): Act {
  const { clock, scheduler } = project.context;
  const gather = GATHER_MS[["local", "queue"].includes(scheduler.name) ? "near" : "cluster"];
  const retrier = new Retrier(project, id);
  const looked = new Set<string>();
  let since: number | undefined;
  return async (status, tracked) => {
    const fresh = status.runs.filter((run) => tracked.has(run.index) && hasFailed(run))
      .map(keyOf).filter((key) => !looked.has(key));
    if (fresh.length === 0) return false;
    const over = status.runs.every(({ index, state }) => !tracked.has(index) || isEnded(state));
    since ??= clock.now();
    if (!over && clock.now() - since < gather) return true;
    since = undefined;
    for (const key of fresh) looked.add(key);
    const { experiment } = loadExperiment(project, id);
    if (await continueInterrupted(project, experiment, status, tracked)) {
      for (const key of fresh) looked.delete(key); // what is left of them has the next look
      return true;
    }
    if (!experiment.retry) return false;
    const report = await retrier.act(status, { only: tracked });
    for (const line of reportLines(report)) options.onNotice?.(line);
    return report.retried.length > 0;
  };
}

function keyOf(run: RunStatus): string {
  return `${run.index}.${latestAttempt(run)}.${run.state}`;
}

/** Also one that completed: it may have left no output. */
function hasFailed({ stages }: RunStatus): boolean {
  return Object.values(stages).every(({ state }) => isEnded(state));
}

/** One line for each group of retries, and for each refusal. */
export function reportLines({ id, retried, problems }: RetryReport): string[] {
  const told = retried.map(({ class: failure, runs, children, changes, submission }) => {
    const what = runs.length === 1 ? `run ${runs[0]}` : `${runs.length} runs`;
    const change = changes.length > 0 ? `: ${changes.join(", ")}` : "";
    const as = children.length === 0
      ? ""
      : children.length === 1
      ? `, as run ${children[0]}`
      : `, as ${children.length} runs`;
    const place = submission === undefined ? "" : ` (${id}/${submission})`;
    return `retry of ${what} after ${failure}${change}${as}${place}`;
  });
  return [...told, ...problems.map((problem) => `no retry: ${problem}`)];
}

/** Submits interrupted runs once more. @returns whether there were any. */
async function continueInterrupted(
  project: Project,
  experiment: Experiment,
  status: ExperimentStatus,
  tracked: ReadonlySet<number>,
): Promise<boolean> {
  const runs = status.runs.filter((run) =>
    tracked.has(run.index) && hasFailed(run) && mayContinue(experiment, run)
  );
  if (runs.length === 0) return false;
  const seen = new Map(runs.map((run) => [run.index, latestAttempt(run)]));
  let submitted = false;
  for (const one of byScheduler(project, status, runs)) {
    const request = await requestOf(one.project, experiment.id, { runs: one.runs });
    const selection = { ...request.selection, seen };
    const { context } = one.project;
    const { plan } = await submitExperiment(context, { ...request, selection }, status);
    if (plan) submitted = true;
  }
  return submitted;
}

function mayContinue({ stages }: Experiment, run: RunStatus): boolean {
  return stages.some((stage) => {
    const status = run.stages[stage.name];
    if (!status || stage.resume !== "resubmit" || !isInterrupted(stage, status)) return false;
    return status.reason !== STUCK &&
      status.attempt <= (stage.max_restarts ?? DEFAULT_MAX_RESTARTS);
  });
}
