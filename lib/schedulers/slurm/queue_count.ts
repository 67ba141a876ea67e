import type { JobFilter } from "../scheduler.ts";
import { rowsOf, splitRow } from "./sighting.ts";

const COLUMNS = {
  job: "JobID",
  user: "UserName",
  account: "Account",
  qos: "QOS",
  partition: "Partition",
};
const FIELDS = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

/** A job, or a task of an array, that is queued or runs. */
export type QueuedJob = Record<Exclude<keyof typeof COLUMNS, "job">, string>;

/** What is queued or runs, a line each task: our own where only our own counts. */
export function queuedCommand(filters: readonly JobFilter[]): [string, ...string[]] {
  const own = filters.every((filter) => filter.own);
  return [
    "squeue",
    "--noheader",
    "--all",
    "--array",
    ...own ? ["--me"] : [],
    `--Format=${Object.values(COLUMNS).map((column) => `${column}:|`).join()}`,
  ];
}

/** Reads what {@linkcode queuedCommand} prints. Throws a `RangeError` on a row that is not whole. */
export function parseQueued(stdout: string): QueuedJob[] {
  return rowsOf(stdout).map((line) => {
    const { user, account, qos, partition } = splitRow(line.replace(/\|\s*$/, ""), FIELDS);
    return { user, account, qos, partition };
  });
}

/** How many of these fit, where `user` is who asks. */
export function countMatching(
  queued: readonly QueuedJob[],
  filter: JobFilter,
  user: string,
): number {
  return queued.filter((job) => matches(job, filter, user)).length;
}

function matches(job: QueuedJob, { own, accounts, qos }: JobFilter, user: string): boolean {
  if (own && job.user !== user) return false;
  if (accounts && !accounts.includes(job.account)) return false;
  return !qos || job.qos === qos.name ||
    job.partition.split(",").some((partition) => qos.partitions.includes(partition));
}
