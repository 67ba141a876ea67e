import { join } from "node:path";
import type { Clock } from "../../system/clock.ts";
import { exists, readEnd } from "../../system/files.ts";
import type { Runner } from "../../system/runner.ts";
import type { Environment } from "./allocation.ts";
import type { Gpu } from "./devices.ts";
import { startCommand, whySilent } from "./mps_control.ts";
import { MpsError } from "./mps_error.ts";
import { endDaemon, type Ended } from "./mps_end.ts";
import { folderName, thisProcess } from "./mps_folder.ts";
import { makeRoot } from "./mps_root.ts";
import { mpsNames } from "./sharing_way.ts";

/** A daemon that answers. */
export interface Mps {
  /** `site`: somebody else started it, and ends it. */
  by: "own" | "site";
  /** `CUDA_MPS_PIPE_DIRECTORY` of what computes through it. */
  pipe: string;
  /** `CUDA_MPS_LOG_DIRECTORY`; absent where the site's is not known. */
  log?: string;
  /** What of this node it serves. */
  gpus: readonly Gpu[];
}

/** What starting and ending daemons needs. */
export interface MpsPorts {
  runner: Runner;
  clock: Clock;
  /** Folders of this node, see `mpsBases()`. */
  bases: readonly string[];
}

const PATIENCE_MS = 15_000;
const PAUSE_MS = 100;

/**
 * Starts a daemon for the GPUs of one of `mpsDomains()`, and waits until it answers. It belongs to
 * this process: `stopMps()` ends it, or after this process's death `sweepMps()` of another.
 *
 * @throws {MpsError} where it does not answer; nothing of it is left then.
 */
export async function startMps(gpus: readonly Gpu[], ports: MpsPorts): Promise<Mps> {
  if (gpus.length > 1 && gpus.some(({ instance }) => instance)) {
    throw new MpsError("Cannot start MPS: a MIG instance needs a daemon of its own", {
      hint: "start one for each of mpsDomains()",
    });
  }
  const { folder, pipe, log } = claimFolder(makeRoot(ports.bases));
  const before = await whySilent(ports.runner, pipe);
  const failed = before?.absent
    ? before.why
    : before === undefined
    ? "a daemon answers that was not started"
    : await startIn(pipe, log, gpus, ports);
  if (failed === undefined) return { by: "own", pipe, log, gpus };
  const said = lastLine(join(log, "start.out")) ?? lastLine(join(log, "control.log"));
  await endDaemon(folder, ports);
  throw new MpsError(`Cannot start MPS: ${failed}${said === undefined ? "" : ` (${said})`}`, {
    hint: "GPUs can be shared without it; they then compute for one process after the other",
  });
}

/** @returns why it failed, or `undefined`. */
async function startIn(
  pipe: string,
  log: string,
  gpus: readonly Gpu[],
  { runner, clock }: MpsPorts,
): Promise<string | undefined> {
  const start = startCommand(pipe, log, mpsNames(gpus).daemon);
  runner.detach({ ...start, output: join(log, "start.out") });
  const end = clock.now() + PATIENCE_MS;
  for (;;) {
    const silent = await whySilent(runner, pipe);
    if (!silent) return undefined;
    if (clock.now() >= end) return silent.why;
    await clock.sleep(PAUSE_MS);
  }
}

/**
 * The daemon that the site started, by its switch for MPS; it is never ended.
 *
 * @throws {MpsError} where none answers.
 */
export async function siteMps(
  gpus: readonly Gpu[],
  { runner, env }: { runner: Runner; env: Environment },
): Promise<Mps> {
  const pipe = env.CUDA_MPS_PIPE_DIRECTORY ?? "/tmp/nvidia-mps"; // where NVIDIA's has it unless told
  const silent = await whySilent(runner, pipe);
  if (!silent) return { by: "site", pipe, gpus };
  throw new MpsError(`Cannot use the site's MPS at ${pipe}: ${silent.why}`, {
    hint: "the job has to be submitted with resources.gpu_mps, and the site has to know it",
  });
}

/** Ends a daemon that this process started, with what computes through it; a site's is left alone. */
export async function stopMps(mps: Mps, ports: MpsPorts): Promise<Ended | undefined> {
  return mps.by === "site" ? undefined : await endDaemon(join(mps.pipe, ".."), ports);
}

function claimFolder(root: string): Record<"folder" | "pipe" | "log", string> {
  const owner = thisProcess();
  if (!owner) {
    throw new MpsError("Cannot start MPS: this system has no /proc", {
      hint: "MPS is for Linux",
    });
  }
  let number = 0;
  while (exists(join(root, folderName(owner, number)))) number++;
  const folder = join(root, folderName(owner, number));
  const [pipe, log] = [join(folder, "pipe"), join(folder, "log")];
  try {
    for (const path of [folder, pipe, log]) Deno.mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    throw new MpsError(`Cannot make a folder for MPS: ${String(cause)}`, {
      hint: `look whether ${root} may be written, and has room`,
      cause,
    });
  }
  return { folder, pipe, log };
}

function lastLine(path: string): string | undefined {
  const end = readEnd(path, 4096);
  const text = end && new TextDecoder().decode(end.bytes).trim();
  return text ? text.split("\n").at(-1) : undefined;
}
