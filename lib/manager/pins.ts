import { parseRunReference } from "../core/ids.ts";
import { type Pins, readPins, removePin, writePin } from "../store/pins.ts";
import type { Project } from "./project.ts";
import { status } from "./status.ts";

/**
 * Pins an experiment, or one run (`exp001/3`): clean-up leaves it alone, and it is not archived.
 *
 * @throws {NotFoundError} when there is no such experiment or run.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, pin, unpin } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001");
 * const { all } = await pin(project, "exp001");
 * if (!all || (await unpin(project, "exp001")).all) throw new Error("not pinned, or still");
 * ```
 */
export async function pin(project: Project, reference: string): Promise<Pins> {
  const { experiment, run } = await find(project, reference);
  writePin(project.layout, experiment, run);
  return readPins(project.layout, experiment);
}

/**
 * Takes pins away: that of a run, or all of an experiment.
 *
 * @throws {NotFoundError} when there is no such experiment or run.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, pin, submit, unpin } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * await pin(project, "exp001/0");
 * await pin(project, "exp001/1");
 * const { runs } = await unpin(project, "exp001/0");
 * if ([...runs].join() !== "1") throw new Error([...runs].join());
 * ```
 */
export async function unpin(project: Project, reference: string): Promise<Pins> {
  const { experiment, run } = await find(project, reference);
  removePin(project.layout, experiment, run);
  return readPins(project.layout, experiment);
}

async function find(project: Project, reference: string) {
  const found = parseRunReference(reference);
  await status(project, { ids: [found.experiment], run: found.run });
  return found;
}
