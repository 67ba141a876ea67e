import process from "node:process";

/** Whether a process of this machine exists, whoever owns it. */
export function isProcessAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

/** A process and all that it started, where `/proc` tells; else only itself. */
export function processTree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)];
}

function childrenOf(pid: number): number[] {
  try {
    const list = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
    return list.split(" ").filter(Boolean).map(Number);
  } catch {
    return []; // it is gone, or this system has no /proc
  }
}

/**
 * When a process started, in ticks since the machine did; empty where it has ended, or `/proc` does
 * not tell.
 */
export function startOfProcess(pid: number): string {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ended = fields[0] === "Z" || fields[0] === "X"; // nobody has waited for it
    return ended ? "" : fields[19] ?? "";
  } catch {
    return ""; // it is gone, or this system has no /proc
  }
}
