import { join } from "node:path";
import type { Runner } from "../system/runner.ts";

/** A value with where it comes from, so that nobody has to guess why it is what it is. */
export interface Detected<T> {
  /** `undefined` where a probe failed or did not answer in five seconds. */
  value: T;
  /** The variable, command or folder that said so, or what went wrong. */
  source: string;
}

/** What is known of the place expflow runs in. */
export interface Environment {
  /** Login name; `unknown` when nobody can say. */
  user: Detected<string>;
  /** `$HOME`, or `/` where it is not set. */
  home: Detected<string>;
  /** The machine this runs on: a login node, a compute node or a laptop. */
  host: Detected<string>;
  /** Writable folder for large files, where `init` creates projects; home when none was found. */
  scratch: Detected<string>;
  /** Version line of Slurm's client, or that there is none. */
  slurm: Detected<string | undefined>;
  /** Version line of git, or that there is none. */
  git: Detected<string | undefined>;
  /** Logical CPUs of this machine, as the operating system counts them. */
  cpus: Detected<number>;
  /** What the user should know or set, one line each. */
  warnings: string[];
}

/** What detection reads; tests pass their own. */
export interface DetectionPorts {
  runner: Runner;
  env: (name: string) => string | undefined;
  /** Whether a folder exists and can be written to. */
  writable: (folder: string) => boolean;
  hostname: () => string;
  cpus: () => number;
}

const PROBE_TIMEOUT_MS = 5_000;

/** The ports of this machine. */
export function machinePorts(runner: Runner): DetectionPorts {
  return {
    runner,
    env: (name) => Deno.env.get(name),
    writable: isWritable,
    hostname: () => Deno.hostname(),
    cpus: () => navigator.hardwareConcurrency,
  };
}

function isWritable(folder: string): boolean {
  try {
    if (!Deno.statSync(folder).isDirectory) return false;
    const probe = Deno.makeTempFileSync({ dir: folder, prefix: ".expflow-probe-" });
    Deno.removeSync(probe);
    return true;
  } catch {
    return false;
  }
}

/** Detects user, home, scratch and tools; every probe on its own, none can make it fail. */
export async function detectEnvironment(ports: DetectionPorts): Promise<Environment> {
  const [uid, slurm, git] = await Promise.all([
    firstLine(ports.runner, ["id", "-un"]),
    firstLine(ports.runner, ["sbatch", "--version"]),
    firstLine(ports.runner, ["git", "--version"]),
  ]);
  const user = fromEnvironment(ports, ["USER", "LOGNAME"]) ??
    { value: uid.value ?? "unknown", source: "id -un" };
  const home = fromEnvironment(ports, ["HOME"]) ?? { value: "/", source: "nothing set HOME" };
  const scratch = findScratch(ports, user.value, home.value);
  return {
    user,
    home,
    host: { value: ports.hostname(), source: "hostname" },
    scratch,
    slurm,
    git,
    cpus: { value: ports.cpus(), source: "operating system" },
    warnings: scratch.value === home.value
      ? [`no scratch folder was found: ${home.value} is used; set SCRATCH, or use init --dir`]
      : [],
  };
}

function fromEnvironment(ports: DetectionPorts, names: string[]): Detected<string> | undefined {
  for (const name of names) {
    const value = ports.env(name);
    if (value) return { value, source: `$${name}` };
  }
  return undefined;
}

async function firstLine(
  runner: Runner,
  argv: [string, ...string[]],
): Promise<Detected<string | undefined>> {
  const source = argv.join(" ");
  const reply = await runner.run({ argv, timeoutMs: PROBE_TIMEOUT_MS });
  if (reply.timedOut) return { value: undefined, source: `${source} did not answer` };
  if (reply.code === 127) return { value: undefined, source: `there is no ${argv[0]}` };
  if (reply.code !== 0) return { value: undefined, source: `${source} failed` };
  return { value: reply.stdout.trim().split("\n")[0], source };
}

/** Scratch folders of the sites we know, the first that exists and is writable. */
function findScratch(ports: DetectionPorts, user: string, home: string): Detected<string> {
  const named = ["SCRATCH", "PSCRATCH", "SCRATCHDIR"].map((name) => ({
    value: ports.env(name),
    source: `$${name}`,
  }));
  const usual = [
    "/scratch",
    "/scratch/users",
    "/scratch/work",
    "/global/scratch",
    "/gpfs/scratch",
  ].map((folder) => ({ value: join(folder, user), source: "it exists and is writable" }));
  for (const { value, source } of [...named, ...usual]) {
    if (value && ports.writable(value)) return { value, source };
  }
  return { value: home, source: "home, as no scratch folder was found" };
}
