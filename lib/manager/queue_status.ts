import { presences, QUIET } from "../schedulers/queue/presence.ts";
import type { WorkerRecord } from "../schedulers/queue/workers.ts";
import { type Outlook, outlookOf } from "../submission/outlook.ts";
import { epochSeconds } from "../system/clock.ts";
import type { Project } from "./project.ts";
import { countUnattended } from "./unattended.ts";
import { type ItemState, lookAtQueue, type QueueItem, type QueueLook } from "./queue_items.ts";

/** A worker, and what it runs. */
export interface WorkerStatus extends Partial<Omit<WorkerRecord, "version" | "pid" | "start">> {
  id: string;
  /** Whether it was heard of in the last minute. */
  present: boolean;
  /** Seconds since it was last heard of; absent where it never was. */
  silent?: number;
  /** Names of the items that it has. */
  runs: string[];
}

/** How the queue stands. */
export interface QueueStatus extends Outlook {
  /** Its folder. */
  folder: string;
  counts: Partial<Record<ItemState, number>>;
  /** What is open of each priority, the highest first. */
  priorities: { priority: number; running: number; queued: number; held: number }[];
  workers: WorkerStatus[];
  /** How many runs wait while no worker is there. */
  unattended: number;
  /** What has waited longest. */
  oldest?: { item: string; seconds: number };
}

/** Counts, workers, rate and time left of a project's queue. What is held is not in the time left. */
export async function queueStatus(project: Project): Promise<QueueStatus> {
  const look = await lookAtQueue(project);
  const now = epochSeconds(project.context.clock);
  const counts: QueueStatus["counts"] = {};
  for (const { state } of look.items) counts[state] = (counts[state] ?? 0) + 1;
  const queued = look.items.filter(({ state }) => state === "queued");
  const oldest = queued.reduce<QueueItem | undefined>(
    (first, one) => first && first.submitted <= one.submitted ? first : one,
    undefined,
  );
  return {
    folder: look.layout.folder,
    counts,
    priorities: prioritiesIn(look.items),
    workers: workersOf(look),
    unattended: look.statuses.reduce((sum, { runs }) => sum + countUnattended(runs), 0),
    ...outlookOf(runsOf(look), now),
    ...oldest ? { oldest: { item: oldest.item, seconds: now - oldest.submitted } } : {},
  };
}

function prioritiesIn(items: readonly QueueItem[]): QueueStatus["priorities"] {
  const found = new Map<number, QueueStatus["priorities"][number]>();
  for (const { state, priority } of items) {
    if (priority === undefined) continue;
    if (state !== "running" && state !== "queued" && state !== "held") continue;
    const row = found.get(priority) ?? { priority, running: 0, queued: 0, held: 0 };
    row[state]++;
    found.set(priority, row);
  }
  return [...found.values()].sort((a, b) => b.priority - a.priority);
}

function workersOf({ layout, items }: QueueLook): WorkerStatus[] {
  const runs = Map.groupBy(items, ({ worker }) => worker);
  return presences(layout).map(({ id, record, silent }) => {
    const { version: _, pid: __, start: ___, ...told } = { ...record };
    return {
      ...told,
      id,
      present: (silent ?? Infinity) <= QUIET,
      ...silent === undefined ? {} : { silent: Math.round(silent) },
      runs: (runs.get(id) ?? []).map(({ item }) => item),
    };
  });
}

/** Runs that are in the queue and not held. */
function runsOf({ statuses, items }: QueueLook) {
  const counted = new Set(items.filter(({ state }) => state !== "held").map(({ item }) => item));
  return statuses.flatMap(({ id, runs }) =>
    runs.filter(({ index }) => counted.has(`${id}/${index}`))
  );
}
