import { join } from "node:path";
import { namesIn } from "../../system/files.ts";
import { readEvents, type TaskEvent } from "./events.ts";
import { isAlive } from "../batch/processes.ts";
import { type JobProgress, noteUnlaunched, reduce, type TaskProgress } from "./progress.ts";
import { sweep } from "./sweep.ts";
import { jobFolder, readClaim, writeEvent } from "./store.ts";
import type { World } from "./world.ts";

/** How often a task whose processes vanished is run again. */
export const MAX_AUTOMATIC_RESTARTS = 3;
/** How often a task is launched in vain. */
const MAX_FAILED_LAUNCHES = 5;
/** Milliseconds that a launched shepherd has for its claim before it is looked after. */
const CLAIM_TIME = 500;

/** What to note of an attempt whose shepherd died without saying how it ended. */
export function eventsOfLoss(
  job: JobProgress,
  index: number,
  task: TaskProgress,
  epoch: number,
): TaskEvent[] {
  const event = { task: index, restart: task.restart, detail: "0", epoch };
  const { cancel, timeout, requeue } = task.marks;
  const decided = cancel !== undefined || timeout !== undefined || requeue !== undefined;
  return job.spec.requeue && !decided && task.restart < MAX_AUTOMATIC_RESTARTS
    ? [{ ...event, kind: "requeue" }, { ...event, kind: "lost" }]
    : [{ ...event, kind: "lost" }];
}

/** A shepherd is dead: either it has said how the attempt ended, or the attempt is lost. */
async function afterDeath(world: World, job: JobProgress, index: number): Promise<void> {
  const task = job.touched.get(index)!;
  for (const event of readEvents(namesIn(join(jobFolder(world.layout, job.id), "events")))) {
    if (event.task === index) reduce(job, event);
  }
  if (job.touched.get(index) !== task || task.phase !== "active") return;
  if (task.shepherd) await sweep(world, [{ shepherd: task.shepherd, batch: task.batch }]);
  world.log(`job ${job.id} task ${index}: lost, its shepherd is dead`);
  for (const event of eventsOfLoss(job, index, task, Math.floor(world.clock.now() / 1000))) {
    writeEvent(world.layout, job.id, event);
    reduce(job, event);
  }
}

/** A shepherd that ended without a claim of its own: another one has it, or nobody. */
function afterFailedLaunch(world: World, job: JobProgress, index: number): void {
  const task = job.touched.get(index)!;
  const claim = readClaim(world.layout, job.id, index, task.restart);
  if (claim) {
    Object.assign(task, claim, { phase: "active" });
    return;
  }
  noteUnlaunched(job, index);
  if (task.failedLaunches! < MAX_FAILED_LAUNCHES) return;
  world.log(`job ${job.id} task ${index}: its shepherd cannot claim it`);
  const epoch = Math.floor(world.clock.now() / 1000);
  const event = {
    task: index,
    restart: task.restart,
    kind: "lost",
    detail: "launch",
    epoch,
  } as const;
  writeEvent(world.layout, job.id, event);
  reduce(job, event);
}

/** Looks after tasks whose shepherd may have died. */
export async function watchShepherds(world: World): Promise<void> {
  for (const { progress: job } of world.jobs.values()) {
    for (const index of [...job.active]) {
      const task = job.touched.get(index)!;
      const recent = world.clock.now() - (task.launchedAt ?? 0) < CLAIM_TIME;
      if (task.phase === "launched" && recent) continue;
      if (task.shepherd && await isAlive(world.processes, task.shepherd)) continue;
      if (task.phase === "launched") afterFailedLaunch(world, job, index);
      else await afterDeath(world, job, index);
    }
  }
}
