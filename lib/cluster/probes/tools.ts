import { askFirst, type Question } from "../ask.ts";
import type { Maybe } from "../detected.ts";
import type { DetectionPorts } from "../ports.ts";

/** A program asked for its version, which is a line with a digit in it. */
export function versionQuestion(argv: [string, ...string[]]): Question<string> {
  return { argv, parse: (stdout) => stdout.split("\n").map((line) => line.trim()).find(isVersion) };
}

function isVersion(line: string): boolean {
  return /^([^\s:]+ )*\(?v?\d+\.\d+/i.test(line);
}

/** Programs that run container images, the one to use first. */
const RUNTIMES = ["apptainer", "singularity", "podman-hpc", "shifter", "enroot", "podman"];

/** The container runtime that is here, in the order of {@linkcode RUNTIMES}. */
export function containerRuntime(ports: DetectionPorts): Promise<Maybe<string>> {
  const questions = RUNTIMES.map((name) =>
    versionQuestion([name, name === "enroot" ? "version" : "--version"])
  );
  return askFirst(ports, questions);
}

/** conda, or one of those that take its place. */
export function condaVersion(ports: DetectionPorts): Promise<Maybe<string>> {
  const names = ["conda", "mamba", "micromamba"];
  return askFirst(ports, names.map((name) => versionQuestion([name, "--version"])));
}

/** A GPU of this very machine. */
export interface LocalGpu {
  /** As the driver names its model. */
  name: string;
  /** In MiB. */
  memory: number;
  /** Version of the driver. */
  driver: string;
}

/** The GPUs of this machine, as its driver lists them. */
export const gpusQuestion: Question<LocalGpu[]> = {
  argv: [
    "nvidia-smi",
    "--query-gpu=name,memory.total,driver_version",
    "--format=csv,noheader,nounits",
  ],
  name: "nvidia-smi",
  parse: parseGpuList,
};

/** Reads `NVIDIA H200, 143771, 570.86.15` lines. */
export function parseGpuList(stdout: string): LocalGpu[] | undefined {
  const rows = stdout.matchAll(/^([^,\n]+), (\d+), ([\d.]+)\s*$/gm);
  const gpus = Array.from(
    rows,
    ([, name, memory, driver]) => ({ name: name!, memory: Number(memory), driver: driver! }),
  );
  return gpus.length > 0 || /no devices were found/i.test(stdout) ? gpus : undefined;
}
