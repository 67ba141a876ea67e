import { type CancelOutcome, cancelRuns } from "../submission/cancel.ts";
import type { Project } from "./project.ts";
import { status } from "./status.ts";

/**
 * Cancels an experiment, or one run of it. The id is exact: `exp1` never touches `exp1_x` or
 * `exp10`.
 *
 * @throws {NotFoundError} for an id or a run that does not exist.
 *
 * @example
 * ```ts
 * import { cancel, createExperiment, initProject, openProject, submit, wait } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "long", { command: "sleep 20", args: "none" });
 * await submit(project, "long");
 * const { cancelled } = await cancel(project, "long");
 * const { runs } = await wait(project, "long");
 * if (cancelled.join() !== "0" || runs[0]?.state !== "cancelled") throw new Error(runs[0]?.state);
 * ```
 */
export async function cancel(project: Project, id: string, run?: number): Promise<CancelOutcome> {
  await status(project, { ids: [id], run });
  return await cancelRuns(project.context, id, run === undefined ? undefined : new Set([run]));
}
