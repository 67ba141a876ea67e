import { createHash } from "node:crypto";
import { readIfThere } from "../../system/files.ts";
import { startOfProcess } from "../../system/processes.ts";

/** Which process a daemon was started by: exactly this one, and no later one with its number. */
export interface Owner {
  pid: number;
  /** Ticks from the start of the machine to that of the process. */
  start: string;
  /** Of the machine: its name, in four characters. */
  machine: string;
  /** Of the machine: another one after each boot. */
  boot: string;
  /** In which numbers of processes mean something: containers may have their own. */
  space: string;
}

/** This process; `undefined` where there is no `/proc`. */
export function thisProcess(): Owner | undefined {
  const start = startOfProcess(Deno.pid);
  const boot = readIfThere("/proc/sys/kernel/random/boot_id")?.slice(0, 8);
  if (start === "" || boot === undefined) return undefined;
  const [space = "0"] = /\d+/.exec(Deno.readLinkSync("/proc/self/ns/pid")) ?? [];
  const machine = createHash("sha256").update(Deno.hostname()).digest("hex").slice(0, 4);
  return { pid: Deno.pid, start, machine, boot, space };
}

/** The name of a folder of a daemon's: made at once, it says whose it is. Short, as sockets want. */
export function folderName({ pid, start, machine, boot, space }: Owner, number: number): string {
  const short = (text: string) => Number(text).toString(36);
  return [pid.toString(36), short(start), machine, boot, short(space), number].join("-");
}

/** The owner in a folder's name; `undefined` where the name is not one of ours. */
export function parseFolderName(name: string): Owner | undefined {
  const [, pid, start, machine, boot, space] =
    /^([0-9a-z]+)-([0-9a-z]+)-([0-9a-f]{4})-([0-9a-f]{8})-([0-9a-z]+)-\d+$/.exec(name) ?? [];
  if (space === undefined) return undefined;
  const long = (text: string) => String(parseInt(text, 36));
  return {
    pid: Number(long(pid!)),
    start: long(start!),
    machine: machine!,
    boot: boot!,
    space: long(space),
  };
}

/**
 * Whether an owner still runs. `unknown` where it was on another machine, or where the numbers of
 * processes are not those that the owner saw.
 */
export function standing(
  owner: Owner,
  here: Owner,
  startOf: (pid: number) => string = startOfProcess,
): "runs" | "gone" | "unknown" {
  if (owner.machine !== here.machine) return "unknown";
  if (owner.boot !== here.boot) return "gone";
  if (owner.space !== here.space) return "unknown";
  return startOf(owner.pid) === owner.start ? "runs" : "gone";
}
