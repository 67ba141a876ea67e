import { join } from "node:path";
import type { ProjectSettings } from "../config/project.ts";
import { ConfigError, SchedulerError, StorageError, UsageError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { LocalScheduler } from "../schedulers/local/local_scheduler.ts";
import { QueueScheduler } from "../schedulers/queue/queue_scheduler.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { SlurmScheduler } from "../schedulers/slurm/slurm_scheduler.ts";
import type { Layout } from "../store/layout.ts";
import type { SubmittedTo } from "../submission/context.ts";
import type { Clock } from "../system/clock.ts";
import { exists } from "../system/files.ts";
import type { Runner } from "../system/runner.ts";
import { superviseCommand } from "./entry_point.ts";
import type { Project } from "./project.ts";

/** What schedulers are made of. */
interface Surroundings {
  layout: Layout;
  settings: ProjectSettings;
  runner: Runner;
  clock: Clock;
  host: string;
  /** Value of sbatch's `--export`, asked for when something is submitted. */
  exported: () => string;
}

/** The scheduler for new submissions, and those that have the jobs of earlier ones. */
export interface Schedulers {
  current: Scheduler;
  of: (plan: SubmittedTo) => Scheduler | undefined;
}

/** Each kind of scheduler; a new one is one line. */
const KINDS: Record<string, (around: Surroundings) => Scheduler> = {
  local: ({ layout, settings, runner, clock, host }) => {
    const folder = layout.localScheduler(host);
    const launch = superviseCommand(folder);
    return new LocalScheduler({ folder, runner, clock, launch, settings: settings.local });
  },
  queue: ({ layout, clock }) => new QueueScheduler({ folder: layout.queue, clock }),
  slurm: ({ runner, clock, exported }) => new SlurmScheduler({ runner, clock, exported }),
};

/** `auto`: Slurm where its commands are, else this machine. */
function chosen({ settings }: Surroundings): string {
  if (settings.scheduler !== "auto") return settings.scheduler;
  return isOnPath("sbatch") ? "slurm" : "local";
}

function isOnPath(program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter(Boolean);
  return folders.some((folder) => isSeen(join(folder, program)));
}

/** What this user may not look at is no program for them. */
function isSeen(path: string): boolean {
  try {
    return exists(path);
  } catch (error) {
    if (error instanceof StorageError) return false;
    throw error;
  }
}

/**
 * Opens the schedulers of a project, each when it is first needed.
 *
 * @param to where new submissions go, in the place of what the project says.
 * @throws {ConfigError} when the project asks for one that there is not, {UsageError} when `to` does.
 */
export function openSchedulers(around: Surroundings, to?: string): Schedulers {
  const kinds = Object.keys(KINDS);
  if (to !== undefined && !kinds.includes(to)) {
    throw new UsageError(`Cannot submit to ${JSON.stringify(to)}: there is no such scheduler`, {
      hint: didYouMean(to, kinds),
    });
  }
  const opened = new Map<string, Scheduler>();
  const named = (name: string): Scheduler | undefined => {
    const made = opened.get(name) ?? KINDS[name]?.(around);
    if (made) opened.set(name, made);
    return made;
  };
  const wanted = to ?? chosen(around);
  const current = named(wanted);
  if (!current) {
    throw new ConfigError(`Cannot use scheduler: ${wanted} of ${around.layout.config}`, {
      hint: `there are ${kinds.join(", ")}`,
    });
  }
  return {
    current,
    of: ({ scheduler, host }) =>
      scheduler === "local" && host !== around.host ? undefined : named(scheduler),
  };
}

/**
 * The scheduler of this machine that a project uses.
 *
 * @throws {SchedulerError} when it uses another one.
 */
export function localScheduler({ context: { scheduler } }: Project): LocalScheduler {
  if (scheduler instanceof LocalScheduler) return scheduler;
  throw new SchedulerError(
    `Cannot look at the local scheduler: this project uses ${scheduler.name}`,
    { hint: "set `scheduler: local` in .hpc_config.yaml to use it" },
  );
}

/** The queue of a project, whatever scheduler new submissions go to. */
export function queueScheduler({ context }: Project): QueueScheduler {
  const found = context.schedulerOf({ scheduler: "queue", host: context.host });
  if (found instanceof QueueScheduler) return found;
  throw new SchedulerError("Cannot look at the queue: this project was opened without it", {
    hint: "open it without a scheduler of your own",
  });
}

/** The scheduler that has machines: the project's own; beside a queue Slurm, else this machine. */
export function machineScheduler({ context, settings }: Project): Scheduler {
  if (context.scheduler.name !== "queue") return context.scheduler;
  const said = settings.scheduler;
  const detected = isOnPath("sbatch") ? "slurm" : "local";
  const scheduler = said === "slurm" || said === "local" ? said : detected;
  const found = context.schedulerOf({ scheduler, host: context.host });
  if (found) return found;
  throw new SchedulerError("Cannot find who runs jobs: this project was opened without", {
    hint: "open it without a scheduler of your own",
  });
}
