import { exists } from "../../system/files.ts";
import { takeInHints, takeInJobs } from "./intake.ts";
import { boundLog, describeError } from "./log.ts";
import { perform } from "./perform.ts";
import { plan } from "./plan.ts";
import { advance } from "./queue.ts";
import { watchShepherds } from "./watch.ts";
import type { World } from "./world.ts";

/** Bounds, in milliseconds, of the wait between two looks: short after anything happened. */
const [SHORTEST_WAIT, LONGEST_WAIT] = [20, 250];
/** Milliseconds between two looks at shepherds and at the list of jobs, and after an error. */
const WATCH_EVERY = 1000;

/** One look at everything. @returns how many milliseconds the next one may wait. */
async function cycle(world: World, lastWait: number): Promise<number> {
  const hinted = await takeInHints(world);
  const jobs = [...world.jobs.values()];
  jobs.forEach(advance);
  const { machine, killWait } = world;
  const actions = plan({ jobs, machine, now: world.clock.now(), killWait });
  let failed = false;
  for (const action of actions) {
    try {
      await perform(world, action);
    } catch (error) {
      failed = true;
      world.log(describeError(`${action.do} job ${action.job}`, error));
    }
  }
  if (failed) return WATCH_EVERY;
  return hinted || actions.length > 0 ? SHORTEST_WAIT : Math.min(lastWait * 1.3, LONGEST_WAIT);
}

/** Works until there has been nothing to do for a while, the folder is gone, or it is told to stop. */
export async function work(world: World, isStopped: () => boolean): Promise<void> {
  const { clock } = world;
  let [wait, watchedAt, busyAt] = [SHORTEST_WAIT, -Infinity, clock.now()];
  while (!isStopped() && exists(world.layout.jobs)) {
    try {
      if (clock.now() - watchedAt >= WATCH_EVERY) {
        watchedAt = clock.now();
        boundLog(world.layout.log);
        takeInJobs(world);
        await watchShepherds(world);
      }
      wait = await cycle(world, wait);
    } catch (error) {
      world.log(describeError("go on", error));
      wait = WATCH_EVERY;
    }
    if (world.jobs.size > 0) busyAt = clock.now();
    if (clock.now() - busyAt >= world.idle) return;
    await clock.sleep(wait);
  }
}
