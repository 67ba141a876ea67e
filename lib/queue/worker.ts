import { join } from "node:path";
import { ConflictError, StorageError } from "../core/errors.ts";
import { systemProcesses } from "../schedulers/batch/processes.ts";
import { claimNext, lookAround, type View } from "../schedulers/queue/claim.ts";
import { perform } from "../schedulers/queue/disk.ts";
import { openQueue } from "../schedulers/queue/open.ts";
import type { Claim, QueueLayout } from "../schedulers/queue/places.ts";
import { beat, enrol, newWorkerId, type WorkerRecord } from "../schedulers/queue/workers.ts";
import { type Clock, epochSeconds } from "../system/clock.ts";
import { exists, writeWhole } from "../system/files.ts";
import { startOfProcess } from "../system/processes.ts";
import { attend } from "./attend.ts";
import { Chooser } from "./chooser.ts";
import { conclude, concludeUnstarted } from "./conclude.ts";
import { endedForWantOfRoom } from "./room.ts";
import { heldMeanwhile } from "./held_meanwhile.ts";
import { patiently } from "./patience.ts";
import { leave } from "./recover_worker.ts";
import { type Ended, type Place, RunningTask } from "./running.ts";
import { SHEPHERD } from "./shepherd.ts";
import { TaskMemory } from "./task_memory.ts";
import {
  RESERVE,
  type WorkerEnd,
  type WorkerEvent,
  type WorkerOrders,
  type WorkerSettings,
  type WorkerSystem,
  type Working,
} from "./working.ts";

/** Milliseconds between two signs of life. */
const BEAT_EVERY = 5000;
/** Milliseconds a view of the queue stays good. */
const VIEW_GOOD = 1000;
/** Bounds, in milliseconds, of the wait between two looks at a queue without work. */
const [SHORTEST_WAIT, LONGEST_WAIT] = [50, 2000];

/** Takes items from a queue and runs them, one after the other, until there is nothing more to do. */
export async function work(
  settings: WorkerSettings,
  system: WorkerSystem,
  orders: WorkerOrders = {},
): Promise<WorkerEnd> {
  const layout = openQueue(settings.queue);
  const record = recordOf(settings, system.clock);
  const { id } = record;
  enrol(layout, record);
  const shepherd = join(layout.workers, id, "shepherd.sh");
  writeWhole(shepherd, SHEPHERD);
  const tell = (event: WorkerEvent["event"], more: object = {}): void =>
    system.tell({ event, at: epochSeconds(system.clock), worker: id, ...more });
  tell("begin", { pid: record.pid });
  const beating = setInterval(() => signOfLife(layout, id), BEAT_EVERY);
  const place: Place = {
    layout,
    shepherd,
    node: record.host.split(".")[0]!,
    cpus: settings.cpus,
    gpus: settings.gpus,
    variables: settings.variables,
    processes: systemProcesses(system.runner),
  };
  try {
    const end = await workOn({ settings, system, orders, place, id, tell });
    tell("leave", { why: end });
    return end;
  } finally {
    clearInterval(beating);
    leaveQuietly(layout, id, system.clock);
  }
}

function recordOf(settings: WorkerSettings, clock: Clock): WorkerRecord {
  const { allocation, until, cpus, gpus } = settings;
  const host = Deno.hostname();
  return {
    version: 1,
    id: newWorkerId(host, Deno.pid),
    host,
    pid: Deno.pid,
    start: startOfProcess(Deno.pid),
    since: epochSeconds(clock),
    ...allocation ? { allocation } : {},
    cpus,
    gpus,
    ...until === undefined ? {} : { until },
  };
}

/** Where files cannot be written, what it still has is to be recovered by others. */
function leaveQuietly(layout: QueueLayout, id: string, clock: Clock): void {
  try {
    leave(layout, id, clock);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
}

/** A full disk ends no worker. */
function signOfLife(layout: QueueLayout, id: string): void {
  try {
    beat(layout, id);
  } catch {
    // the next one may get through; until then others see how old the last one is
  }
}

async function workOn(working: Working): Promise<WorkerEnd> {
  const { settings, system: { clock }, orders, place: { layout } } = working;
  const chooser = new Chooser(working);
  const memory = new TaskMemory(working);
  let view: View | undefined;
  let [lookedAt, busyAt, wait] = [-Infinity, clock.now(), SHORTEST_WAIT];
  while (true) {
    if (orders.order) return orders.order === "drain" ? "drained" : "stopped";
    try {
      if (!view || clock.now() - lookedAt >= VIEW_GOOD) {
        if (isLost(working)) return "lost";
        [view, lookedAt] = [
          await patiently(working, () => perform(lookAround({ layout }))),
          clock.now(),
        ];
        chooser.refresh(view);
      }
      const claim = await patiently(working, () => perform(claimNext(chooser, view!)));
      if (claim) {
        await runOne(working, { chooser, memory }, claim);
        [busyAt, wait] = [clock.now(), SHORTEST_WAIT];
        continue;
      }
    } catch (error) {
      if (error instanceof ConflictError) return "lost";
      throw error;
    }
    const { missed } = view;
    view = undefined;
    if (!missed && clock.now() - busyAt >= settings.linger * 1000) return "empty";
    await clock.sleep(wait);
    wait = Math.min(wait * 1.5, LONGEST_WAIT);
  }
}

/** Whoever recovered it took its folder. */
function isLost({ place: { layout }, id }: Working): boolean {
  return !exists(join(layout.claimed, id)) && exists(layout.version);
}

async function runOne(
  working: Working,
  { chooser, memory }: { chooser: Chooser; memory: TaskMemory },
  claim: Claim,
): Promise<void> {
  const { settings, system: { clock }, place, tell } = working;
  const job = chooser.job(claim.job)!;
  const { task, restart } = claim;
  if (await patiently(working, () => heldMeanwhile(place, claim))) return;
  tell("claim", { job: job.id, task, restart });
  // what was wished when it last looked around may be a second old
  if (chooser.asked(claim) === "cancel") {
    return await patiently(working, () => concludeUnstarted(working, claim));
  }
  const running = new RunningTask(place, job, claim);
  const unwatch = memory.watch(job, claim, () => running.pids());
  const attended = await attend(running, job, claim, {
    clock,
    killWait: settings.killWait * 1000,
    deadline: ((settings.until ?? Infinity) - RESERVE) * 1000,
    asked: (one) => chooser.asked(one),
    warned: () => working.orders.warned === true,
  }).finally(unwatch);
  const ending = attended.ending ?? await endedAlong(working, attended.ended) ??
    await endedForWantOfRoom(working, attended.ended);
  await patiently(working, () => conclude(working, claim, { ...attended, ending }));
}

/** Milliseconds in which a signal comes that was sent to all processes of an allocation. */
const SIGNAL_COMES = 250;

/** A task that a signal ended may have been ended along with its worker, which is told just after. */
async function endedAlong(
  { orders, system: { clock } }: Working,
  ended: Ended,
): Promise<"again" | undefined> {
  if (!("code" in ended) || ended.code <= 128) return undefined;
  if (orders.order !== "stop") await clock.sleep(SIGNAL_COMES);
  return orders.order === "stop" ? "again" : undefined;
}
