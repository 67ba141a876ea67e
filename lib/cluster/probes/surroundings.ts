import type { Question } from "../ask.ts";
import { absent, type Detected, type Maybe } from "../detected.ts";
import type { DetectionPorts } from "../ports.ts";

/** The first of these variables that is set. */
export function fromVariable(
  { env }: DetectionPorts,
  names: readonly string[],
): Detected<string> | undefined {
  const name = names.find((one) => env[one]);
  return name === undefined ? undefined : { value: env[name]!, source: `$${name}` };
}

/** The Slurm job that this runs in: then this is a compute node. */
export function currentJob(ports: DetectionPorts): Maybe<string> {
  return fromVariable(ports, ["SLURM_JOB_ID"]) ?? absent("SLURM_JOB_ID is not set");
}

const VARIABLES = ["APPTAINER_CONTAINER", "SINGULARITY_CONTAINER", "SHIFTER_IMAGEREQUEST"];
const FILES = ["/.singularity.d", "/run/.containerenv", "/.dockerenv"];

/** The container image that this runs in, or what shows that it is one. */
export function currentContainer(ports: DetectionPorts): Maybe<string> {
  const file = FILES.find((path) => ports.exists(path));
  return fromVariable(ports, VARIABLES) ??
    (file === undefined ? absent("no sign of one") : { value: "yes", source: file });
}

/** The modules of this shell: they are a function, so that only variables can tell. */
export function moduleSystem(ports: DetectionPorts): Maybe<string> {
  const lmod = fromVariable(ports, ["LMOD_VERSION"]);
  if (lmod) return { ...lmod, value: `Lmod ${lmod.value}` };
  return fromVariable(ports, ["MODULES_CMD", "LMOD_CMD", "MODULESHOME"]) ??
    absent("neither LMOD_CMD nor MODULESHOME is set");
}

/** The groups of this user. */
export const groupsQuestion: Question<string[]> = {
  argv: ["id", "-Gn"],
  parse: (stdout) => stdout.trim() === "" ? undefined : stdout.trim().split(/\s+/),
};
