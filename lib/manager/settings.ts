import { setProjectValue } from "../config/project_edit.ts";
import { writeWhole } from "../system/files.ts";
import type { Project } from "./project.ts";

/**
 * Sets a value of the project file; `null` takes it away. Comments and everything else stay.
 *
 * @throws {UsageError} when the key or the value is not one of the file's.
 */
export async function setProjectSetting(
  project: Project,
  key: string,
  value: string,
): Promise<void> {
  const text = Deno.readTextFileSync(project.layout.config);
  writeWhole(project.layout.config, await setProjectValue(text, key, value));
}
