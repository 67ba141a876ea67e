import type { ProjectSettings } from "../config/project.ts";
import type { SyncTarget } from "../config/sync_block.ts";
import { VERSION } from "../core/version.ts";
import { readKept, writeKept } from "./kept_file.ts";
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
export function readOpening(layout: Pick<Layout, "own">): Opening | undefined {
  const kept = readKept(layout, FILE);
  return kept?.by === KEPT_BY ? kept.opening : undefined;
}

/** Keeps it for the next command, where that can be written. */
export function keepOpening(layout: Pick<Layout, "own">, opening: Opening): void {
  writeKept(layout, FILE, { by: KEPT_BY, opening }, PRIVATE);
}

type Filled = Required<ProjectSettings>;
const TARGET_SHAPE: Record<keyof SyncTarget, 1> = {
  ...{ to: 1, from: 1, include: 1, exclude: 1, quietMs: 1, endpoint: 1, region: 1 },
  credentials: 1,
};
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
  sync: TARGET_SHAPE,
};
/** What was kept holds for this version only, and for settings of this shape. */
const KEPT_BY = JSON.stringify([VERSION, SHAPE]);
const FILE = "opening.json";
/** The project file may be one that only its owner reads. */
const PRIVATE = 0o600;
