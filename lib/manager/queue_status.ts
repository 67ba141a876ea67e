import { presences, QUIET } from "../schedulers/queue/presence.ts";
import { type Outlook, outlookOf } from "../submission/outlook.ts";
import { epochSeconds } from "../system/clock.ts";
import type { Project } from "./project.ts";
import { countUnattended } from "./unattended.ts";
import { type ItemState, lookAtQueue, type QueueItem, type QueueLook } from "./queue_items.ts";

/** A worker, and what it runs. */
export interface WorkerStatus {
  /** `<host>-<pid>-<random>`, new at each start. */
  id: string;
  /** The machine that it runs on; this and what follows is absent where its record is missing. */
  host?: string;
  /** When it started, in seconds since 1970. */
  since?: number;
  /** The scheduler's job that it lives in; absent outside any. */
  allocation?: {
    /** `slurm`, `local`. */
    scheduler: string;
    /** The scheduler's id. */
    job: string;
    /** Index in the job's array. */
    task?: number;
  };
  /** CPUs of a run, at most. */
  cpus?: number;
  /** As CUDA_VISIBLE_DEVICES takes them. */
  gpus?: string[];
  /** When its allocation ends, in seconds since 1970; absent where it has no end. */
  until?: number;
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
  /** How many items are in each state. */
  counts: Partial<Record<ItemState, number>>;
  /** What is open of each priority, the highest first. */
  priorities: { priority: number; running: number; queued: number; held: number }[];
  /** Everybody on the list, also who is silent. */
  workers: WorkerStatus[];
  /** How many runs wait while no worker is there. */
  unattended: number;
  /** What has waited longest. */
  oldest?: { item: string; seconds: number };
}

/**
 * Counts, workers, rate and time left of a project's queue. What is held is not in the time left.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   initProject,
 *   openProject,
 *   queueStatus,
 *   submit,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root, { to: "queue" });
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * const { counts, workers, unattended } = await queueStatus(project);
 * if (counts.queued !== 2 || workers.length > 0 || unattended !== 2) throw new Error("no worker");
 * ```
 */
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
  return presences(layout).map((
    { id, record: { host, since, allocation, cpus, gpus, until } = {}, silent },
  ) => ({
    id,
    host,
    since,
    allocation,
    cpus,
    gpus,
    until,
    present: (silent ?? Infinity) <= QUIET,
    silent: silent === undefined ? undefined : Math.round(silent),
    runs: (runs.get(id) ?? []).map(({ item }) => item),
  }));
}

/** Runs that are in the queue and not held. */
function runsOf({ statuses, items }: QueueLook) {
  const counted = new Set(items.filter(({ state }) => state !== "held").map(({ item }) => item));
  return statuses.flatMap(({ id, runs }) =>
    runs.filter(({ index }) => counted.has(`${id}/${index}`))
  );
}
