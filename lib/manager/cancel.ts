import { type CancelOutcome, cancelRuns } from "../submission/cancel.ts";
import type { Project } from "./project.ts";
import { status } from "./status.ts";

/**
 * Cancels an experiment, or one run of it. The id is exact: `exp1` never touches `exp1_x` or
 * `exp10`.
 *
 * @throws {NotFoundError} for an id or a run that does not exist.
 */
export async function cancel(project: Project, id: string, run?: number): Promise<CancelOutcome> {
  await status(project, { ids: [id], run });
  return await cancelRuns(project.context, id, run === undefined ? undefined : new Set([run]));
}
