import { SchedulerError } from "../../core/errors.ts";
import type { Clock } from "../../system/clock.ts";
import { createExclusive, exists } from "../../system/files.ts";
import { isSupervised, supervisorOf } from "./lock.ts";
import { killWaitSeconds, type LocalSettings } from "./machine.ts";
import { isAlive, type Processes, sendSignal } from "../batch/processes.ts";
import { readLoad } from "./reading.ts";
import type { ProcessId } from "../batch/processes.ts";
import type { Layout } from "./store.ts";

/** How a local scheduler is doing. */
export interface LocalStatus {
  /** Whether its supervisor is alive; it exits when there is nothing to do. */
  alive: boolean;
  pid?: number;
  /** Tasks. */
  running: number;
  waiting: number;
  folder: string;
  log: string;
}

/** Looks at a local scheduler; changes nothing. */
export async function localStatus(layout: Layout, processes: Processes): Promise<LocalStatus> {
  const { folder, log } = layout;
  if (!exists(layout.jobs)) return { alive: false, running: 0, waiting: 0, folder, log };
  const alive = await isSupervised(layout, processes);
  const { running, waiting } = readLoad(layout);
  return {
    alive,
    pid: alive ? supervisorOf(layout)?.pid : undefined,
    running,
    waiting,
    folder,
    log,
  };
}

/** Milliseconds a supervisor has to end. */
const STOP_TIME = 10_000;

/**
 * Ends the supervisor; tasks that run go on, and what waits is started by nobody until the next
 * submission, cancel or requeue.
 *
 * @throws {SchedulerError} when it does not end.
 */
export async function stopSupervisor(
  layout: Layout,
  processes: Processes,
  clock: Clock,
): Promise<void> {
  if (!exists(layout.jobs)) return;
  createExclusive(layout.stopped);
  const end = clock.now() + STOP_TIME;
  let ending: ProcessId[] = [];
  for (let told = 0;; await clock.sleep(20)) {
    const supervisor = supervisorOf(layout);
    if (supervisor && supervisor.pid !== told && await isAlive(processes, supervisor)) {
      told = supervisor.pid;
      ending = await withGuardian(processes, supervisor);
      sendSignal(told, "SIGTERM");
    }
    const left = await Promise.all(ending.map((process) => isAlive(processes, process)));
    if (!left.includes(true) && !(await isSupervised(layout, processes))) return;
    if (clock.now() > end) {
      throw new SchedulerError(`Cannot stop the local scheduler: process ${told} goes on`, {
        hint: `its log is ${layout.log}`,
      });
    }
  }
}

/** A supervisor and the guardian that started it: both have the log open until they end. */
async function withGuardian(processes: Processes, supervisor: ProcessId): Promise<ProcessId[]> {
  const row = await processes.find(supervisor.pid);
  const parent = row && await processes.find(row.parent);
  return parent?.pid === row?.session && parent ? [supervisor, parent] : [supervisor];
}

/**
 * Waits for tasks that were cancelled.
 *
 * @throws {SchedulerError} when some do not go away even after KILL.
 */
export async function untilNothingRuns(
  layout: Layout,
  settings: LocalSettings,
  clock: Clock,
): Promise<void> {
  const end = clock.now() + killWaitSeconds(settings) * 1000 + STOP_TIME;
  while (readLoad(layout).running > 0) {
    if (clock.now() > end) {
      throw new SchedulerError(`Cannot end ${readLoad(layout).running} tasks: KILL had no effect`);
    }
    await clock.sleep(50);
  }
}
