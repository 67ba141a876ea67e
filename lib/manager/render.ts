import type { Project } from "./project.ts";
import { previewSubmit, type SubmitOptions } from "./submit.ts";

/**
 * The batch scripts that `submit --force` would submit for an experiment: file name → text. Nothing
 * is written.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, renderScript } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { set: ["resources.time=2h"] });
 * const scripts = await renderScript(project, "exp001");
 * if (!scripts["train.0.sbatch"]?.includes("#SBATCH --time=02:00:00")) {
 *   throw new Error(Object.keys(scripts).join());
 * }
 * ```
 */
export async function renderScript(
  project: Project,
  id: string,
  options: SubmitOptions = {},
): Promise<Record<string, string>> {
  const { files, plan } = await previewSubmit(project, id, { force: true, ...options });
  return Object.fromEntries(plan.chunks.map(({ script }) => [script, files.get(script)!]));
}
