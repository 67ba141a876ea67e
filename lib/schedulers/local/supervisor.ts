import type { Clock } from "../../system/clock.ts";
import { exists, namesIn, writeWhole } from "../../system/files.ts";
import type { Runner } from "../../system/runner.ts";
import { type Lock, takeLock } from "./lock.ts";
import { logTo } from "./log.ts";
import { findMachine, killWaitSeconds, readSettings } from "./machine.ts";
import { type Processes, systemProcesses } from "../batch/processes.ts";
import { SHEPHERD } from "./shepherd.ts";
import { type Layout, layoutOf, makeLayout, unfinishedIds } from "./store.ts";
import { removeAbandoned } from "./temporary.ts";
import { work } from "./work.ts";
import type { World } from "./world.ts";

/** Why a supervisor ended. `busy`: the folder has one already. */
export type SupervisorEnd = "idle" | "stopped" | "busy";

const LOCK_TRIES = 20;
const LOCK_WAIT = 20;

interface System {
  runner: Runner;
  clock: Clock;
}

/** Somebody who asks whether the folder is supervised holds the lock for an instant. */
async function lockPatiently(
  layout: Layout,
  processes: Processes,
  clock: Clock,
): Promise<Lock | undefined> {
  const self = { pid: Deno.pid, start: (await processes.find(Deno.pid))?.start ?? "" };
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    const lock = await takeLock(layout, self, processes);
    if (lock) return lock;
    await clock.sleep(LOCK_WAIT);
  }
  return undefined;
}

async function makeWorld(
  layout: Layout,
  processes: Processes,
  { runner, clock }: System,
): Promise<World> {
  const settings = readSettings(layout);
  writeWhole(layout.shepherd, SHEPHERD);
  return {
    layout,
    runner,
    clock,
    processes,
    machine: await findMachine(settings, runner),
    killWait: killWaitSeconds(settings) * 1000,
    idle: (settings.idleSeconds ?? 5) * 1000,
    jobs: new Map(),
    known: new Set(),
    log: logTo(layout.log),
  };
}

function hasNews({ layout, known }: World): boolean {
  return namesIn(layout.inbox).length > 0 || unfinishedIds(layout).some((id) => !known.has(id));
}

/**
 * Supervises a folder until no job is left. After a crash of this process another one goes on from
 * the files; the tasks themselves do not notice.
 *
 * A job that is submitted while it exits is not lost: a submitter makes the job first and looks for
 * a supervisor then; this one releases its lock first and looks for jobs then. So either the
 * submitter finds no supervisor and starts one, or this one finds the job and goes on.
 */
export async function supervise(folder: string, system: System): Promise<SupervisorEnd> {
  const layout = layoutOf(folder);
  if (!exists(folder)) return "idle";
  if (exists(layout.stopped)) return "stopped";
  makeLayout(layout);
  let stopped = false;
  const stop = (): void => void (stopped = true);
  Deno.addSignalListener("SIGTERM", stop);
  try {
    const processes = systemProcesses(system.runner);
    let world: World | undefined;
    do {
      const lock = await lockPatiently(layout, processes, system.clock);
      if (!lock) return "busy";
      try {
        removeAbandoned(layout);
        world ??= await makeWorld(layout, processes, system);
        await work(world, () => stopped);
      } finally {
        lock.release();
      }
    } while (!stopped && exists(layout.jobs) && hasNews(world));
    return stopped ? "stopped" : "idle";
  } finally {
    Deno.removeSignalListener("SIGTERM", stop);
  }
}
