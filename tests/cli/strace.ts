import { existsSync } from "node:fs";
import { basename, join } from "node:path";

/** Calls that change files, or start a process. */
const CHANGES = "mkdir,openat,write,pwrite64,ftruncate,rename,renameat,renameat2,link,linkat," +
  "symlink,symlinkat,unlink,unlinkat,rmdir,chmod,fchmod,clone,clone3,fork,vfork";

/** One call of a process: the `nth` of its kind, from 1. */
export interface Call {
  name: string;
  nth: number;
  /** The line of strace. */
  line: string;
}

/** Whether strace is here and may trace; on Linux as root it may. */
export const canTrace = ((): boolean => {
  try {
    return new Deno.Command("strace", { args: ["-o", "/dev/null", "true"] }).outputSync().success;
  } catch {
    return false;
  }
})();
if (!canTrace) console.warn("NOT RUN: SIGKILL at each system call; it takes Linux and strace");

/**
 * The words before a command that write its calls to `log`, and kill it at the beginning of one. Only
 * its main thread is looked at, which is where expflow changes files and starts processes.
 */
export function traced(log: string, at?: Call): string[] {
  const kill = at ? [`-einject=${at.name}:signal=SIGKILL:when=${at.nth}`] : [];
  return ["strace", "-y", "-o", log, `-etrace=${at?.name ?? CHANGES}`, ...kill];
}

/** The calls in a log that change something in `folder` or start a process. */
export function changesIn(log: string, folder: string): Call[] {
  const counts = new Map<string, number>();
  return Deno.readTextFileSync(log).split("\n").flatMap((line) => {
    const name = /^(\w+)\(/.exec(line)?.[1];
    if (name === undefined) return [];
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    const starts = /fork|clone/.test(name) && !line.includes("CLONE_THREAD");
    const changes = line.includes(`${folder}/`) && (name !== "openat" || line.includes("O_CREAT"));
    return starts || changes ? [{ name, nth, line }] : [];
  });
}

/** The line of the call at which a process was killed; `undefined` when it lived on. */
export function killedAt(log: string): string | undefined {
  const lines = Deno.readTextFileSync(log).trimEnd().split("\n");
  return lines.at(-1) === "+++ killed by SIGKILL +++" ? lines.at(-2) : undefined;
}

/** A call's name and the last part of its path, without what is random in it. */
export function kindOf(line: string): string {
  const [, name, rest = ""] = /^(\w+)\((.*)/.exec(line) ?? [];
  const path = /"([^"]*)"/.exec(rest.replace(/^\d+<[^>]*>, ".*/, ""))?.[1] ??
    /<([^>]*)>/.exec(rest)?.[1] ?? "";
  return `${name} ${basename(path).replaceAll(/[0-9a-f]{8,}|\d+/g, "#")}`;
}

/** As many of `things` as `EXPFLOW_KILL_POINTS` says (`all`, or a number), evenly spread, first and last among them. */
export function sample<T>(things: readonly T[], usual: number): T[] {
  const wanted = Deno.env.get("EXPFLOW_KILL_POINTS") ?? String(usual);
  const count = wanted === "all" ? things.length : Math.min(Number(wanted), things.length);
  const step = (things.length - 1) / Math.max(count - 1, 1);
  return Array.from({ length: count }, (_, at) => things[Math.round(at * step)]!);
}

/** A file on its way to its name, of a process that is no more; a supervisor may be at work. */
function isAbandoned(path: string): boolean {
  const [, pid] = /\/temporary\/(\d+)-[^/]*$/.exec(path) ?? [];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

/** Names in a project that a submission may not leave behind. */
export function litterIn(folder: string): string[] {
  const found: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (/^\.preparing-|\.tmp$|\.kept$/.test(name) || isAbandoned(path)) found.push(path);
    else if (isDirectory && name !== ".git") found.push(...litterIn(path));
  }
  return found;
}
