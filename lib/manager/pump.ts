import { NotFoundError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { listSubmitted } from "../store/plan.ts";
import { type Continued, continueSubmissions } from "../submission/top_up.ts";
import { retryByPolicy, type RetryReport } from "./retry.ts";
import type { Project } from "./project.ts";

/** What `pump` did for one experiment. */
export interface PumpOutcome extends Continued {
  /** Id of the experiment. */
  id: string;
  /** What `retry:` of the experiment had to do; absent where it has none. */
  retries?: RetryReport;
}

/**
 * Submits what waits for room in the queue, as far as there is room now, and retries what failed as
 * `retry:` says: of these experiments, or of all that were submitted. Doing it twice, or from several processes, submits nothing twice.
 *
 * @throws {NotFoundError} for an experiment that was never submitted.
 * @throws {SchedulerError} when the scheduler refuses a job for good, or does not answer.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, pump, submit } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001");
 * await submit(project, "exp001");
 * const [outcome] = await pump(project); // this machine has room for everything
 * if (outcome?.jobs.length !== 0 || outcome.waiting) throw new Error("something was left");
 * ```
 */
export async function pump(project: Project, ids?: readonly string[]): Promise<PumpOutcome[]> {
  const submitted = listSubmitted(project.layout);
  const unknown = ids?.find((id) => !submitted.includes(id));
  if (unknown !== undefined) {
    throw new NotFoundError(`Cannot go on with ${JSON.stringify(unknown)}: it was not submitted`, {
      hint: didYouMean(unknown, submitted),
    });
  }
  const outcomes: PumpOutcome[] = [];
  for (const id of ids ?? submitted) {
    const continued = await continueSubmissions(project.context, id);
    const retries = (await retryByPolicy(project, id))?.report;
    outcomes.push({ id, ...continued, ...retries ? { retries } : {} });
  }
  return outcomes;
}
