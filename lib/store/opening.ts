import { join } from "node:path";
import type { ProjectSettings } from "../config/project.ts";
import { VERSION } from "../core/version.ts";
import { readIfThere, writeWhole } from "../system/files.ts";
import type { Layout } from "./layout.ts";

/** What the next command may know before it has read anything else. It may be deleted. */
export interface Opening {
  /** The text of the project file. */
  text: string;
  /** What that says, checked. */
  settings: ProjectSettings;
  /** Whether Slurm had to be asked at the last look. */
  queued: boolean;
}

/** What was kept by an expflow like this one; `undefined` where there is nothing to go by. */
export function readOpening({ own }: Pick<Layout, "own">): Opening | undefined {
  try {
    const kept = JSON.parse(readIfThere(join(own, FILE)) ?? "null");
    return kept?.by === KEPT_BY ? kept.opening : undefined;
  } catch {
    return undefined; // not readable, or not ours
  }
}

/** Keeps it for the next command, where that can be written. */
export function keepOpening({ own }: Pick<Layout, "own">, opening: Opening): void {
  try {
    const content = { by: KEPT_BY, opening };
    writeWhole(join(own, FILE), `${JSON.stringify(content)}\n`, PRIVATE);
  } catch {
    // a project that cannot be written in is read anew each time
  }
}

type Filled = Required<ProjectSettings>;
/** Every key of the settings; the compiler wants it complete. */
const SHAPE: {
  [Key in keyof Filled]: Filled[Key] extends object ? { [Inner in keyof Filled[Key]]-?: 1 } : 1;
} = {
  project: 1,
  user: 1,
  account: 1,
  partition: 1,
  scratch: 1,
  scheduler: 1,
  site: 1,
  workdir: 1,
  local: { cpus: 1, gpus: 1 },
  slurm: { export: 1 },
  ai: { provider: 1, model: 1 },
};
/** What was kept holds for this version only, and for settings of this shape. */
const KEPT_BY = JSON.stringify([VERSION, SHAPE]);
const FILE = "opening.json";
/** The project file may be one that only its owner reads. */
const PRIVATE = 0o600;
