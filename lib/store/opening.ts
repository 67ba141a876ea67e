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

/** What was kept by this version of expflow; `undefined` where there is nothing to go by. */
export function readOpening({ own }: Pick<Layout, "own">): Opening | undefined {
  try {
    const kept = JSON.parse(readIfThere(join(own, FILE)) ?? "null");
    return kept?.version === VERSION ? kept.opening : undefined;
  } catch {
    return undefined; // not readable, or not ours
  }
}

/** Keeps it for the next command, where that can be written. */
export function keepOpening({ own }: Pick<Layout, "own">, opening: Opening): void {
  try {
    const content = { version: VERSION, opening };
    writeWhole(join(own, FILE), `${JSON.stringify(content)}\n`, PRIVATE);
  } catch {
    // a project that cannot be written in is read anew each time
  }
}

const FILE = "opening.json";
/** The project file may be one that only its owner reads. */
const PRIVATE = 0o600;
