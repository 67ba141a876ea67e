import { createHash } from "node:crypto";
import { join } from "node:path";
import { SchedulerError } from "../../core/errors.ts";
import { removeIfThere } from "../../system/files.ts";
import { readLink, replaceLink } from "./links.ts";
import { isAlive, type Processes } from "./processes.ts";
import type { ProcessId } from "./progress.ts";
import type { Layout } from "./store.ts";

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

function open(folder: string): Deno.FsFile {
  return Deno.openSync(lockFile(folder), { create: true, read: true, write: true, mode: 0o600 });
}

/**
 * Whether a supervisor of this folder is alive: by its lock, or by its entry in the folder where the
 * lock file was removed. The kernel releases its lock, on a local file, when
 * it dies. Asking takes a shared lock for an instant: askers do not see each other.
 */
export async function isSupervised(layout: Layout, processes: Processes): Promise<boolean> {
  using file = open(layout.folder);
  if (!(await file.tryLock(false))) return true;
  const entered = supervisorOf(layout);
  return entered !== undefined && await isAlive(processes, entered);
}

/** The process that says it supervises this folder; it may be dead. */
export function supervisorOf(layout: Layout): ProcessId | undefined {
  const [pid, start] = readLink(layout.supervisor)?.split(":") ?? [];
  return pid === undefined || start === undefined ? undefined : { pid: Number(pid), start };
}

/** The right to supervise a folder. */
export interface Lock {
  release(): void;
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
  const file = open(layout.folder);
  const other = await file.tryLock(true) ? supervisorOf(layout) : self;
  if (other && (other === self || await isAlive(processes, other))) {
    file.close();
    return undefined;
  }
  replaceLink(layout.supervisor, `${self.pid}:${self.start}`);
  return {
    release: () => {
      removeIfThere(layout.supervisor);
      file.close();
    },
  };
}
