import { SchedulerError } from "../../core/errors.ts";
import type { Runner } from "../../system/runner.ts";

/** A process, told apart from a later one with the same number by its start time. */
export interface ProcessId {
  pid: number;
  start: string;
}

/** One process of this machine. */
export interface ProcessRow extends ProcessId {
  parent: number;
  group: number;
  session: number;
  /** Ended, and only not yet waited for. */
  zombie: boolean;
}

/** What can be seen of processes: in /proc where there is one, else by `ps`. */
export interface Processes {
  /** The process with this number, if it runs. */
  find(pid: number): Promise<ProcessRow | undefined>;
  all(): Promise<ProcessRow[]>;
}

/** Reads `/proc/<pid>/stat`; a program's name may hold spaces and parentheses. */
export function parseStat(text: string): ProcessRow | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const pid = parseInt(text, 10);
  const [state, parent, group, session] = fields;
  const start = fields[19];
  if (!Number.isInteger(pid) || start === undefined) return undefined;
  return {
    pid,
    start,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    zombie: state === "Z" || state === "X",
  };
}

/** ESRCH: the process ended between opening and reading. */
const ENDED_MEANWHILE = /os error 3\b/;

function statOf(pid: number | string): ProcessRow | undefined {
  try {
    return parseStat(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || ENDED_MEANWHILE.test(String(error))) {
      return undefined;
    }
    throw error;
  }
}

/** Linux. */
export const procfs: Processes = {
  find: (pid) => Promise.resolve(statOf(pid)),
  all: () => {
    const pids = Array.from(Deno.readDirSync("/proc"), ({ name }) => name)
      .filter((name) => /^\d+$/.test(name));
    return Promise.resolve(pids.map(statOf).filter((row) => row !== undefined));
  },
};

/** Reads the output of `ps -o pid=,ppid=,pgid=,sess=,state=,lstart=`. */
export function parsePs(text: string): ProcessRow[] {
  return text.split("\n").flatMap((line): ProcessRow[] => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\w+)\s+(\S+)\s+(.*\S)\s*$/.exec(line);
    if (!match) return [];
    const [pid, parent, group, session] = match.slice(1, 5).map(Number) as [
      number,
      number,
      number,
      number,
    ];
    const zombie = match[5]!.startsWith("Z");
    return [{ pid, parent, group, session, zombie, start: match[6]!.replace(/[\s:]+/g, "_") }];
  });
}

/** Any other Unix. */
export function psProcesses(runner: Runner): Processes {
  const columns = "pid=,ppid=,pgid=,sess=,state=,lstart=";
  const ps = async (...which: string[]): Promise<ProcessRow[]> => {
    const argv: [string, ...string[]] = ["ps", ...which, "-o", columns];
    const reply = await runner.run({ argv, env: { LC_ALL: "C", TZ: "UTC" } });
    if (reply.timedOut || reply.code > 1) {
      throw new SchedulerError(`Cannot look at processes: ps ended with ${reply.code}`);
    }
    return parsePs(reply.stdout);
  };
  return { find: async (pid) => (await ps("-p", String(pid)))[0], all: () => ps("-A") };
}

/** What this machine offers. */
export function systemProcesses(runner: Runner): Processes {
  return statOf("self") ? procfs : psProcesses(runner);
}

/** Whether exactly this process runs, and not a later one with its number. */
export async function isAlive(processes: Processes, id: ProcessId): Promise<boolean> {
  const row = await processes.find(id.pid);
  return row !== undefined && !row.zombie && row.start === id.start;
}

/**
 * The processes that belong to a shepherd, itself left out: its session and its descendants; where
 * sessions cannot be seen, the process group of its batch shell too. A number is not given again
 * while a session has it: when another process has the shepherd's, nothing of it is left.
 */
export function familyOf(rows: ProcessRow[], shepherd: ProcessId, batch?: number): number[] {
  if (rows.some(({ pid, start }) => pid === shepherd.pid && start !== shepherd.start)) return [];
  const family = new Set([shepherd.pid]);
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const { pid, parent, group, session } of rows) {
      const inGroup = group === batch && !(session > 0);
      if (session === shepherd.pid || inGroup || family.has(parent)) family.add(pid);
    }
  }
  family.delete(shepherd.pid);
  return [...family];
}

/** Sends a signal; a process that is gone, or is not ours, is left alone. */
export function sendSignal(pid: number, signal: string): void {
  try {
    Deno.kill(pid, signal as Deno.Signal);
  } catch (error) {
    const gone = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied;
    if (!gone) throw error;
  }
}
