import { exists, readIfThere } from "../system/files.ts";
import type { Runner } from "../system/runner.ts";

/** What detection reads; tests pass their own. */
export interface DetectionPorts {
  runner: Runner;
  /** The variables of this process. */
  env: Readonly<Record<string, string | undefined>>;
  /** Whether a folder exists and can be written to. */
  writable: (folder: string) => boolean;
  exists: (path: string) => boolean;
  /** The text of a file; `undefined` where it cannot be read. */
  read: (path: string) => string | undefined;
  /** Time the file system gives to a new file, in milliseconds since 1970; none where it cannot. */
  stamp: (folder: string) => number | undefined;
  /** Milliseconds since 1970. */
  now: () => number;
  hostname: () => string;
  cpus: () => number;
  /** Memory of this machine, in MiB. */
  memory: () => number;
}

/** The ports of this machine. */
export function machinePorts(runner: Runner): DetectionPorts {
  return {
    runner,
    env: Deno.env.toObject(),
    writable: isWritable,
    stamp: (folder) => orElse(undefined, () => withNewFile(folder, modified)),
    now: () => Date.now(),
    exists: (path) => orElse(false, () => exists(path)),
    read: (path) => orElse(undefined, () => readIfThere(path)),
    hostname: () => Deno.hostname(),
    cpus: () => navigator.hardwareConcurrency,
    memory: () => Math.round(Deno.systemMemoryInfo().total / 2 ** 20),
  };
}

/** A place that may not be looked at is as good as none. */
function orElse<T>(other: T, look: () => T): T {
  try {
    return look();
  } catch {
    return other;
  }
}

function isWritable(folder: string): boolean {
  return orElse(false, () => Deno.statSync(folder).isDirectory && withNewFile(folder, () => true));
}

function modified(file: string): number | undefined {
  return Deno.statSync(file).mtime?.getTime();
}

function withNewFile<T>(folder: string, look: (file: string) => T): T {
  const file = Deno.makeTempFileSync({ dir: folder, prefix: ".expflow-probe-" });
  try {
    return look(file);
  } finally {
    Deno.removeSync(file);
  }
}
