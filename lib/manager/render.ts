import type { Project } from "./project.ts";
import { previewSubmit, type SubmitOptions } from "./submit.ts";

/**
 * The batch scripts that `submit --force` would submit for an experiment: file name → text. Nothing
 * is written.
 */
export async function renderScript(
  project: Project,
  id: string,
  options: SubmitOptions = {},
): Promise<Record<string, string>> {
  const { files, plan } = await previewSubmit(project, id, { force: true, ...options });
  return Object.fromEntries(plan.chunks.map(({ script }) => [script, files.get(script)!]));
}
