import type { DetectionPorts } from "../../lib/cluster/ports.ts";
import type { Command, Reply } from "../../lib/system/runner.ts";
import { fixture } from "../schedulers/slurm_fixtures.ts";

/** A machine as a test says it is; every command that was run is in `ran`. */
export interface Machine extends DetectionPorts {
  ran: string[][];
  /** The most commands of one name that were under way at once. */
  atOnce: Map<string, number>;
}

/** What a program answers: by its name, or by a function of the command. */
export type Answers = Record<string, Partial<Reply> | ((command: Command) => Partial<Reply>)>;

/** A machine with these variables, writable folders and programs, and nothing else. */
export function machine(
  { env = {}, folders = [], files = {}, programs = {}, slow = 0 }: {
    env?: Record<string, string>;
    folders?: string[];
    files?: Record<string, string>;
    programs?: Answers;
    /** Milliseconds that every program takes. */
    slow?: number;
  },
): Machine {
  const ran: string[][] = [];
  const atOnce = new Map<string, number>();
  const underWay = new Map<string, number>();
  return {
    ran,
    atOnce,
    runner: {
      run: async (command) => {
        const [name] = command.argv;
        ran.push(command.argv);
        const count = (underWay.get(name) ?? 0) + 1;
        underWay.set(name, count);
        atOnce.set(name, Math.max(count, atOnce.get(name) ?? 0));
        if (slow > 0) await new Promise((resolve) => setTimeout(resolve, slow));
        underWay.set(name, underWay.get(name)! - 1);
        const given = programs[name];
        const missing = { code: 127, stdout: "", stderr: "", timedOut: false };
        if (given === undefined) return missing;
        return { ...missing, code: 0, ...typeof given === "function" ? given(command) : given };
      },
      detach: () => 0,
    },
    env,
    writable: (folder) => folders.includes(folder),
    exists: (path) => path in files,
    read: (path) => files[path],
    stamp: (folder) => folders.includes(folder) ? 1_000_000 : undefined,
    now: () => 1_000_000,
    hostname: () => "log-1",
    cpus: () => 8,
    memory: () => 16384,
  };
}

/** The lab, as its recordings tell it to one of its users. */
export function recorded(version: string, user: string): Answers {
  const reply = (name: string) => fixture(version, name).reply;
  return {
    sbatch: { stdout: `slurm-wlm ${version}\n` },
    scontrol: ({ argv }) =>
      argv.includes("ping")
        ? reply("env-ping")
        : argv.includes("partition")
        ? reply("env-partitions")
        : reply("env-config"),
    sinfo: reply("env-nodes"),
    sacctmgr: reply(`env-accounts-${user}`),
    id: { stdout: `${user}\n` },
  };
}
