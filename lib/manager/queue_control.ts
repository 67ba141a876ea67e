import { ConflictError } from "../core/errors.ts";
import { boostTask } from "../queue/boost.ts";
import { boost, requeue, unwish, wish } from "../schedulers/queue/control.ts";
import { QueueReading } from "../schedulers/queue/reading.ts";
import { checkPriority } from "../schedulers/queue/submission.ts";
import { epochSeconds } from "../system/clock.ts";
import type { Project } from "./project.ts";
import { lookAtQueue, type QueueItem, type QueueLook } from "./queue_items.ts";
import { findItems, type QueueTarget, targetsOf } from "./queue_targets.ts";

/** What was done with items of the queue. */
export interface QueueChange {
  /** Names of the items that it was done with. */
  changed: string[];
  /** Names of items that run: they go on as they are. */
  running: string[];
}

/**
 * Gives what waits another priority: an experiment, a run (`exp001/3`), a job, or a task (`12_3`).
 *
 * @param priority 0 to 1000; the highest is taken first.
 * @throws {NotFoundError} for what is not in the queue, {ConflictError} where nothing of it waits.
 *
 * @example
 * ```ts
 * import {
 *   boostItems,
 *   createExperiment,
 *   initProject,
 *   listQueue,
 *   openProject,
 *   submit,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root, { to: "queue" });
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * await boostItems(project, "exp001/1", 900);
 * const [first] = await listQueue(project);
 * if (first?.item !== "exp001/1" || first.priority !== 900) throw new Error(first?.item);
 * ```
 */
export async function boostItems(
  project: Project,
  text: string,
  priority: number,
): Promise<QueueChange> {
  checkPriority(String(priority));
  const look = await lookAtQueue(project);
  const { targets, running } = chosen(look, text, "boost", isWaiting);
  const changed = targets.flatMap((target) => boostOne(project, look, target, priority));
  return { changed, running };
}

function boostOne(
  { context }: Project,
  { layout }: QueueLook,
  { job, task, items }: QueueTarget,
  priority: number,
): string[] {
  const names = items.filter(isWaiting).map(({ item }) => item);
  if (task === undefined) {
    boost(layout, job, priority);
    return names;
  }
  const reading = new QueueReading(layout);
  const { clock } = context;
  const done = boostTask(layout, reading, reading.view(job)!, { task, priority, clock });
  if (done === "moved") return names;
  throw new ConflictError(
    done === "gone"
      ? `Cannot boost ${names[0]}: a worker has taken it just now`
      : `Cannot boost ${names[0]} alone: its job waits for another one`,
    { hint: done === "gone" ? undefined : `boost the whole job: ${job}` },
  );
}

/**
 * Keeps workers from taking something, until it is released. What runs goes on, and is not run again.
 *
 * @throws {NotFoundError} for what is not in the queue, {ConflictError} when it is over or held.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   holdItems,
 *   initProject,
 *   listQueue,
 *   openProject,
 *   submit,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root, { to: "queue" });
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * await holdItems(project, "exp001/0");
 * const states = (await listQueue(project)).map(({ state }) => state);
 * if (states.join() !== "queued,held") throw new Error(states.join());
 * ```
 */
export async function holdItems(project: Project, text: string): Promise<QueueChange> {
  const look = await lookAtQueue(project);
  const { targets, running } = chosen(look, text, "hold", canBeHeld);
  const waiting = targets.flatMap(({ items }) => items.filter(isWaiting));
  if (waiting.length > 0 && waiting.every(({ state }) => state === "held")) {
    throw new ConflictError(`Cannot hold ${text}: it is held already`, {
      hint: `\`expflow queue release ${text}\` lets workers have it`,
    });
  }
  const epoch = epochSeconds(project.context.clock);
  for (const { job, task } of targets) {
    wish(look.layout, { kind: "hold", job, ...task === undefined ? {} : { task }, epoch });
  }
  return { changed: waiting.map(({ item }) => item), running };
}

/** What was released. */
export interface Released {
  /** Names of items that were held. */
  released: string[];
  /** Names of items that lost their workers too often, and may be taken once more. */
  again: string[];
}

/**
 * Lets workers have what was held, and what was set aside as its workers were lost with it: that runs
 * once more, and is set aside again when it loses this worker, too.
 *
 * @throws {NotFoundError} for what is not in the queue, {ConflictError} where nothing is held.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   holdItems,
 *   initProject,
 *   openProject,
 *   releaseItems,
 *   submit,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root, { to: "queue" });
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * await holdItems(project, "exp001");
 * const { released } = await releaseItems(project, "exp001");
 * if (released.join() !== "exp001/0,exp001/1") throw new Error(released.join());
 * ```
 */
export async function releaseItems(project: Project, text: string): Promise<Released> {
  const look = await lookAtQueue(project);
  const epoch = epochSeconds(project.context.clock);
  const found = findItems(look, text);
  const held = found.filter(isHeld);
  const poisoned = found.filter((item) => isPoisoned(look, item));
  if (held.length + poisoned.length === 0) {
    throw new ConflictError(`Cannot release ${text}: it is not held, but ${stateOf(found)}`, {
      hint: "`expflow queue list --state held` shows what is",
    });
  }
  const targets = targetsOf(look, found).filter(({ items }) => items.some(isHeld));
  for (const target of targets) release(look, target);
  for (const item of poisoned) {
    const job = Number(item.job);
    requeue(look.layout, job, look.reading.view(job), { task: item.task ?? 0, epoch });
  }
  return { released: held.map(({ item }) => item), again: poisoned.map(({ item }) => item) };
}

function release({ layout, reading }: QueueLook, { job, task, items }: QueueTarget): void {
  if (task !== undefined && reading.view(job)?.held) {
    throw new ConflictError(`Cannot release ${items[0]!.item} alone: its whole job is held`, {
      hint: `\`expflow queue release ${job}\` releases the job`,
    });
  }
  unwish(layout, { kind: "hold", job, ...task === undefined ? {} : { task } });
}

function isPoisoned({ reading }: QueueLook, { state, job, task }: QueueItem): boolean {
  if (state !== "node_fail" || job === undefined) return false;
  return reading.view(Number(job))?.done.get(task ?? 0)?.how === "poison";
}

function canBeHeld(item: QueueItem): boolean {
  return isWaiting(item) || item.state === "running";
}

function isHeld({ state }: QueueItem): boolean {
  return state === "held";
}

function isWaiting({ state }: QueueItem): boolean {
  return state === "queued" || state === "held";
}

/** What of a name something can be done with. @throws {ConflictError} when there is nothing. */
function chosen(
  look: QueueLook,
  text: string,
  verb: string,
  fits: (item: QueueItem) => boolean,
): { targets: QueueTarget[]; running: string[] } {
  const found = findItems(look, text);
  if (!found.some(fits)) {
    throw new ConflictError(`Cannot ${verb} ${text}: it is ${stateOf(found)}`, {
      hint: "only what waits can be taken otherwise; `expflow queue list --state queued` shows it",
    });
  }
  const targets = targetsOf(look, found).filter(({ items }) => items.some(fits));
  const running = found.filter(({ state }) => state === "running").map(({ item }) => item);
  return { targets, running };
}

/** `completed`, or where items differ `completed or failed`. */
function stateOf(items: readonly QueueItem[]): string {
  const states = [...new Set(items.map(({ state }) => state.replaceAll("_", " ")))];
  return states.join(" or ");
}
