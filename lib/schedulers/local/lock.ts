import { createHash } from "node:crypto";
import { join } from "node:path";
import { SchedulerError } from "../../core/errors.ts";
import { readLinkIfThere, removeIfThere } from "../../system/files.ts";
import { replaceLink } from "./links.ts";
import { isAlive, type Processes } from "../batch/processes.ts";
import type { ProcessId } from "../batch/processes.ts";
import type { Layout } from "./store.ts";

/** The lock file of a folder: on a local disk, whatever the folder is on. */
function lockFile(folder: string): string {
  const uid = Deno.uid() ?? 0;
  const home = `/tmp/expflow-${uid}`;
  Deno.mkdirSync(home, { recursive: true, mode: 0o700 });
  const info = Deno.lstatSync(home);
  if (!info.isDirectory || (info.uid ?? uid) !== uid) {
    throw new SchedulerError(`Cannot lock ${folder}: ${home} belongs to somebody else`, {
      hint: `ask its owner, or an administrator, to remove ${home}`,
    });
  }
  const key = createHash("sha256").update(Deno.realPathSync(folder)).digest("hex").slice(0, 32);
  return join(home, `${key}.lock`);
}

function unlessGone<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Whether a supervisor of this folder is alive: by its lock, which the kernel releases when it
 * dies, or by its entry in the folder where the lock file was removed. Asking takes a shared lock
 * for an instant: askers do not see each other.
 */
export async function isSupervised(layout: Layout, processes: Processes): Promise<boolean> {
  const path = lockFile(layout.folder);
  using file = unlessGone(() => Deno.openSync(path, { read: true, write: true }));
  if (file && !(await file.tryLock(false))) return true;
  const entered = supervisorOf(layout);
  return entered !== undefined && await isAlive(processes, entered);
}

/** The process that says it supervises this folder; it may be dead. */
export function supervisorOf(layout: Layout): ProcessId | undefined {
  const [pid, start] = readLinkIfThere(layout.supervisor)?.split(":") ?? [];
  return pid === undefined || start === undefined ? undefined : { pid: Number(pid), start };
}

/** The right to supervise a folder. */
export interface Lock {
  release(): void;
}

/** An exclusive lock on the file that has this path; one that was removed meanwhile is none. */
async function lockedFile(path: string): Promise<Deno.FsFile | undefined> {
  const file = Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
  const isLocked = await file.tryLock(true);
  if (isLocked && unlessGone(() => Deno.statSync(path))?.ino === file.statSync().ino) return file;
  file.close();
  return undefined;
}

/**
 * Takes the right to supervise a folder.
 *
 * @returns undefined when another process has it: by the lock, or by its entry in the folder where
 * the lock file was removed or is not shared.
 */
export async function takeLock(
  layout: Layout,
  self: ProcessId,
  processes: Processes,
): Promise<Lock | undefined> {
  const path = lockFile(layout.folder);
  const file = await lockedFile(path);
  if (!file) return undefined;
  const other = supervisorOf(layout);
  if (other && await isAlive(processes, other)) {
    file.close();
    return undefined;
  }
  replaceLink(layout.supervisor, `${self.pid}:${self.start}`);
  return {
    release: () => {
      removeIfThere(layout.supervisor);
      removeIfThere(path);
      file.close();
    },
  };
}
