import { SchedulerError } from "../../core/errors.ts";
import type { Clock } from "../../system/clock.ts";
import type { Runner } from "../../system/runner.ts";
import { isSupervised } from "./lock.ts";
import { type LocalSettings, writeSettings } from "./machine.ts";
import type { Processes } from "../batch/processes.ts";
import type { Layout } from "./store.ts";

/** Starts the supervisor again when it crashes; gives up when it does so again and again. */
const GUARDIAN = `
crashes=0
while :; do
  began=$SECONDS
  "$@"
  code=$?
  ((code == 0)) && exit 0
  ((SECONDS - began >= 5)) && crashes=0
  ((++crashes > 20)) && exit 1
  echo "the supervisor ended with code $code; starting it again"
  if ((crashes < 5)); then sleep 0.2; else sleep 2; fi
done
`;

/** Milliseconds a supervisor has to take its lock. */
const START_TIME = 20_000;

/** How to start a supervisor of a folder. */
export interface Launch {
  layout: Layout;
  runner: Runner;
  clock: Clock;
  processes: Processes;
  /** Runs `supervise(folder)` and exits 0 when that returns. */
  argv: readonly [string, ...string[]];
  settings: LocalSettings;
}

/** Starts a supervisor, with a guardian over it, in a session of their own. */
export function launchSupervisor({ layout, runner, argv, settings }: Launch): void {
  writeSettings(layout, settings);
  runner.detach({
    argv: ["/bin/bash", "-c", GUARDIAN, "expflow-guardian", ...argv],
    cwd: "/",
    output: layout.log,
  });
}

/**
 * Sees to it that a supervisor is alive.
 *
 * @throws {SchedulerError} when none comes up.
 */
export async function ensureSupervised(launch: Launch): Promise<void> {
  const { layout, clock, processes } = launch;
  if (await isSupervised(layout, processes)) return;
  launchSupervisor(launch);
  for (const end = clock.now() + START_TIME; clock.now() < end; await clock.sleep(10)) {
    if (await isSupervised(layout, processes)) return;
  }
  throw new SchedulerError("Cannot start the local scheduler: its supervisor did not come up", {
    hint: `its log is ${layout.log}`,
  });
}
