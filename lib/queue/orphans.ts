import type { Processes } from "../schedulers/batch/processes.ts";
import { SOURCE } from "../schedulers/queue/report.ts";
import type { QueueLayout } from "../schedulers/queue/places.ts";
import { readWorker, silence, workerIds, type WorkerRecord } from "../schedulers/queue/workers.ts";
import { isOver, type JobReport, type Scheduler } from "../schedulers/scheduler.ts";

/** Seconds without a sign of life after which it is asked whether a worker exists. */
export const LEASE = 600;

/** Whether something exists, and who says so or why nobody does. */
export interface Existence {
  exists: boolean | "unknown";
  why: string;
}

/**
 * What is known of a worker. `alive`: it was heard of within the lease. `silent`: it was not, and
 * exists. `unknown`: nobody can tell; what it has stays its own. `lost`: it was not heard of and does
 * not exist, or a user named it.
 */
export type Verdict =
  & { worker: string; record?: WorkerRecord; why: string }
  & ({ kind: "alive" | "silent"; silent: number } | { kind: "unknown" | "lost"; silent?: number });

/** What a verdict is made of. */
export interface Evidence {
  worker: string;
  /** What it wrote of itself; absent where that is missing or cannot be read. */
  record?: WorkerRecord;
  /** Seconds since its last sign of life, by the file server's clock; absent without any. */
  silent?: number;
  existence: Existence;
  /** Whether a user named it as lost. */
  named: boolean;
  /** Seconds. */
  lease: number;
}

/** Decides. Silence alone proves nothing; a user who names a worker is believed unless it beats. */
export function judge({ named, lease, existence, ...about }: Evidence): Verdict {
  const { worker, record, silent } = about;
  const said = { worker, ...record ? { record } : {} };
  const { exists, why } = existence;
  if (silent !== undefined && silent < lease) {
    return { ...said, kind: "alive", silent, why: `heard of ${Math.floor(silent)} s ago` };
  }
  const also = silent === undefined ? {} : { silent };
  if (named) return { ...said, ...also, kind: "lost", why: `named as lost; ${why}` };
  if (silent === undefined) {
    return { ...said, kind: "unknown", why: "it never gave a sign of life" };
  }
  if (exists === "unknown") return { ...said, silent, kind: "unknown", why };
  return { ...said, silent, kind: exists ? "silent" : "lost", why };
}

/** What an allocation's scheduler says of the worker in it. */
export function existenceByReport(
  { allocation, since }: WorkerRecord,
  report: JobReport | undefined,
  lease: number,
): Existence {
  const { scheduler, job, task } = allocation!;
  const name = `${scheduler} job ${job}${task === undefined ? "" : `_${task}`}`;
  if (!report?.known) {
    return { exists: "unknown", why: `${name}: ${report?.why ?? "nobody could be asked"}` };
  }
  const own = report.tasks.filter((one) => task === undefined || one.task === task);
  const unclear = own.find(({ state }) => state === "UNKNOWN");
  if (own.length === 0 || unclear) {
    return { exists: "unknown", why: `${name}: ${unclear?.raw ?? "no report of it"}` };
  }
  const words = [...new Set(own.map(({ state }) => state))].join(", ");
  if (own.every(({ state }) => isOver(state))) return { exists: false, why: `${name}: ${words}` };
  // clocks differ, not by a lease
  const restarted = own.every(({ started = 0 }) => started > since + lease);
  return restarted
    ? { exists: false, why: `${name} was started anew after the worker` }
    : { exists: true, why: `${name}: ${words}` };
}

/** Whether the process of a worker without an allocation exists, as far as this machine can tell. */
export async function existenceByProcess(
  { host, pid, start }: WorkerRecord,
  machine: { host: string; processes: Processes },
): Promise<Existence> {
  const name = `process ${pid} of ${host}`;
  if (host !== machine.host) {
    return { exists: "unknown", why: `${name} cannot be seen from ${machine.host}` };
  }
  const row = await machine.processes.find(pid);
  if (!row || row.zombie) return { exists: false, why: `${name} is gone` };
  if (start === "") return { exists: "unknown", why: `${name}: nobody noted when it started` };
  if (row.start !== start) return { exists: false, why: `${name} is gone, ${pid} is another one` };
  return { exists: true, why: `${name} exists` };
}

/** With what workers are looked for. */
export interface OrphanSearch {
  /** The scheduler of this name; nothing where it is not to be had here. */
  scheduler: (name: string) => Scheduler | undefined;
  processes: Processes;
  /** Name of this machine. */
  host: string;
  /** Seconds; {@linkcode LEASE} unless told. */
  lease?: number;
  /** Workers that a user names as lost, whatever is known of them. */
  named?: readonly string[];
}

/**
 * What is known of each worker of a queue. Asks each scheduler once, and only of workers that were
 * not heard of.
 */
export async function findOrphans(layout: QueueLayout, search: OrphanSearch): Promise<Verdict[]> {
  const { lease = LEASE, named = [] } = search;
  const workers = workerIds(layout).map((worker) => ({
    worker,
    record: readWorker(layout, worker),
    silent: silence(layout, worker),
    named: named.includes(worker),
    lease,
  }));
  const quiet = workers.flatMap(({ record, silent = Infinity }) =>
    record && silent >= lease ? [record] : []
  );
  const reports = await askSchedulers(quiet, search);
  return Promise.all(workers.map(async (one) => {
    const { record, silent = Infinity } = one;
    const existence: Existence = !record
      ? { exists: "unknown", why: "it left no record that can be read" }
      : silent < lease
      ? { exists: true, why: `${SOURCE}: it beats` }
      : record.allocation
      ? existenceByReport(record, reports(record.allocation), lease)
      : await existenceByProcess(record, search);
    return judge({ ...one, existence });
  }));
}

type Allocation = NonNullable<WorkerRecord["allocation"]>;

async function askSchedulers(
  records: readonly WorkerRecord[],
  { scheduler }: OrphanSearch,
): Promise<(allocation: Allocation) => JobReport | undefined> {
  const answers = new Map<string, Map<string, JobReport>>();
  const all = records.flatMap(({ allocation }) => allocation ? [allocation] : []);
  for (const [name, own] of Map.groupBy(all, (one) => one.scheduler)) {
    const jobs = Map.groupBy(own, ({ job }) => job);
    const wanted = new Map(
      Array.from(jobs, ([job, some]) => [job, some.flatMap(({ task }) => task ?? [])]),
    );
    answers.set(name, await scheduler(name)?.states([...jobs.keys()], wanted) ?? new Map());
  }
  return ({ scheduler: name, job }) => answers.get(name)?.get(job);
}
