import { posix } from "node:path";
import type { Detected } from "../detect.ts";
import type { NamedProfile } from "./identify.ts";

/** What a scratch folder is looked for with. */
export interface ScratchPorts {
  user: string;
  env: (name: string) => string | undefined;
  /** Whether a folder exists and can be written to. */
  writable: (folder: string) => boolean;
}

/** The scratch folder where the site's profile says it is, if it is there. */
export function siteScratch(
  { name, profile: { scratch = {} } }: NamedProfile,
  { user, env, writable }: ScratchPorts,
): Detected<string> | undefined {
  const named = (scratch.variables ?? []).map((variable) => ({
    value: env(variable),
    source: `$${variable}, as site ${name} says`,
  }));
  const folders = (scratch.folders ?? []).map((folder) => ({
    value: posix.normalize(folder.replaceAll("{user}", user)),
    source: `site ${name}, and it is writable`,
  }));
  for (const { value, source } of [...named, ...folders]) {
    if (value && writable(value)) return { value, source };
  }
  return undefined;
}
