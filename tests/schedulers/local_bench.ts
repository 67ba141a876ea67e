import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalScheduler } from "../../lib/schedulers/local/local_scheduler.ts";
import type { LocalSettings } from "../../lib/schedulers/local/machine.ts";
import { systemClock } from "../../lib/system/clock.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import type { Bench } from "./conformance_lab.ts";

/** The command that supervises a folder in tests. */
export function superviseCommand(folder: string): [string, ...string[]] {
  const entry = fileURLToPath(new URL("supervise_entry.ts", import.meta.url));
  return [Deno.execPath(), "run", "-A", "--no-lock", "--cached-only", entry, folder];
}

/** A local scheduler over a folder. */
export function localScheduler(
  folder: string,
  cwd: string,
  settings: LocalSettings = {},
): LocalScheduler {
  return new LocalScheduler({
    folder,
    runner: denoRunner,
    clock: systemClock,
    launch: superviseCommand(folder),
    settings: { cpus: 8, gpus: 0, idleSeconds: 1, killWaitSeconds: 0.3, ...settings },
    cwd,
    env: { ...Deno.env.toObject(), EXPFLOW_TEST_LEAK: "leaked" },
  });
}

/** A bench with a local scheduler. */
export interface LocalBench extends Bench {
  scheduler: LocalScheduler;
  /** Folder of the scheduler's state. */
  state: string;
}

/** A guardian whose supervisor was killed may be about to start another one, which then gives up. */
async function removePatiently(folder: string): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return Deno.removeSync(folder, { recursive: true });
    } catch (error) {
      if (tries === 50) throw error;
      await systemClock.sleep(100);
    }
  }
}

/** A local scheduler in a folder of its own, whose name is not a friendly one. */
export function openLocal(settings: LocalSettings = {}): LocalBench {
  const root = Deno.makeTempDirSync({ prefix: "expflow it's $(no) " });
  const state = join(root, "state");
  const folder = join(root, "work");
  Deno.mkdirSync(folder);
  const scheduler = localScheduler(state, folder, settings);
  return {
    scheduler,
    state,
    folder,
    directives: [],
    limit: { text: "0:02", seconds: 2 },
    warning: 1,
    patience: 60_000,
    poll: 30,
    close: async () => {
      await scheduler.stop({ cancel: true });
      await removePatiently(root);
    },
  };
}
