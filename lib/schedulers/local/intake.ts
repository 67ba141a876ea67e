import { join } from "node:path";
import { namesIn, removeIfThere } from "../../system/files.ts";
import { readEvents, type TaskEvent } from "./events.ts";
import { describeError } from "./log.ts";
import { type JobProgress, reduce } from "./progress.ts";
import { queued, type QueuedJob } from "./queue.ts";
import { type Leftover, sweep } from "./sweep.ts";
import { jobFolder, jobIds, readClaim, readProgress, unfinishedIds } from "./store.ts";
import { positionOf } from "../batch/tasks.ts";
import type { World } from "./world.ts";

/** Finds who holds each active attempt, and which GPUs. */
function readHolders(world: World, progress: JobProgress): void {
  for (const index of progress.active) {
    const task = progress.touched.get(index)!;
    const claim = readClaim(world.layout, progress.id, index, task.restart);
    task.shepherd = claim?.shepherd;
    task.gpus = claim?.gpus ?? [];
  }
}

function readRequests(world: World, job: QueuedJob): void {
  const { id, indices } = job.progress;
  for (const name of namesIn(join(jobFolder(world.layout, id), "requests"))) {
    const [, kind, task, restart] = /^(cancel|requeue)(?:\.(\d+)(?:\.(\d+))?)?$/.exec(name) ?? [];
    if (kind === "cancel" && task === undefined) job.requests.cancelAll = true;
    if (task === undefined || positionOf(indices, Number(task)) < 0) continue;
    if (kind === "cancel") job.requests.cancel.add(Number(task));
    else if (restart !== undefined) job.requests.requeue.set(Number(task), Number(restart));
  }
}

function load(world: World, id: number, read = new Map<number, JobProgress | undefined>()): void {
  world.known.add(id);
  try {
    const progress = readProgress(world.layout, id);
    if (!progress) throw new Error("job.json is missing");
    readHolders(world, progress);
    const links = progress.spec.dependencies.map(({ type, job }) => {
      const on = world.jobs.get(job)?.progress ?? read.get(job) ?? readProgress(world.layout, job);
      read.set(job, on);
      return { type, on };
    });
    const job = queued(progress, links);
    readRequests(world, job);
    const later = [...world.jobs.keys()].at(-1) ?? 0;
    world.jobs.set(id, job);
    if (id < later) world.jobs = new Map([...world.jobs].sort(([a], [b]) => a - b));
  } catch (error) {
    world.log(describeError(`read job ${id}`, error));
  }
}

/** Takes in every unfinished job that is not known yet. */
export function takeInJobs(world: World): void {
  const fresh = jobIds(world.layout).filter((id) => !world.known.has(id));
  if (fresh.length === 0) return;
  const unfinished = new Set(unfinishedIds(world.layout));
  const read = new Map<number, JobProgress | undefined>();
  for (const id of fresh) {
    if (unfinished.has(id)) load(world, id, read);
    else world.known.add(id);
  }
}

function takeInRequests(world: World, id: number): void {
  const job = world.jobs.get(id);
  if (job) readRequests(world, job);
  else load(world, id);
}

/** @returns the shepherd and the batch shell of an attempt that ended by this event. */
function takeInEvent(world: World, id: number, event: TaskEvent): Leftover | undefined {
  const progress = world.jobs.get(id)?.progress;
  if (!progress || event.task === "all") return undefined;
  const before = progress.touched.get(event.task);
  reduce(progress, event);
  const task = progress.touched.get(event.task);
  if (event.kind === "start" && task?.phase === "active" && task.restart === event.restart) {
    const claim = readClaim(world.layout, id, event.task, event.restart);
    if (claim) Object.assign(task, claim);
  }
  if (event.kind !== "end" || before?.restart !== event.restart || !before.shepherd) {
    return undefined;
  }
  return { shepherd: before.shepherd, batch: before.batch };
}

/**
 * Takes in the hints of the inbox. A hint is removed before what it points to is read, so that one
 * left meanwhile is seen at the next call.
 *
 * @returns whether there were any.
 */
export async function takeInHints(world: World): Promise<boolean> {
  const { layout } = world;
  const names = namesIn(layout.inbox);
  const events = new Map<string, string[]>();
  const hinted = new Set<number>();
  for (const name of names) {
    const [, id = "", rest = ""] = /^(\d+)\.(.+)$/.exec(name) ?? [];
    if (rest === "request") removeIfThere(join(layout.finished, id));
    if (rest === "request") hinted.add(Number(id));
    removeIfThere(join(layout.inbox, name));
    if (id !== "") events.set(id, [...events.get(id) ?? [], rest]);
  }
  if (names.some((name) => name.endsWith(".job"))) takeInJobs(world);
  const left: Leftover[] = [];
  for (const [id, rests] of events) {
    for (const event of readEvents(rests)) {
      const leftover = takeInEvent(world, Number(id), event);
      if (leftover) left.push(leftover);
    }
  }
  await sweep(world, left);
  for (const id of hinted) takeInRequests(world, id);
  return names.length > 0;
}
