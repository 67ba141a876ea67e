import { SchedulerError } from "../../core/errors.ts";
import type { JobTarget } from "../scheduler.ts";
import { clusterOption, type JobId, parseJobId } from "./job_id.ts";
import { formatTaskList } from "./task_list.ts";

/** Jobs in one scancel: it sends one message for each. */
const JOBS_AT_ONCE = 500;

/** Reads an id, or throws a `SchedulerError`: nothing that Slurm could not have given is passed on. */
export function requireJobId(id: string): JobId {
  const job = parseJobId(id);
  if (job) return job;
  throw new SchedulerError(`Cannot ask Slurm about ${JSON.stringify(id)}: it is no job id`, {
    hint: "a job id is a number, with @cluster behind it on another cluster",
  });
}

/** Cancels exactly these, with the tasks of an array in one word: `12_[0-3,7]`. */
export function scancelCommands(targets: readonly JobTarget[]): [string, ...string[]][] {
  const wanted = new Map<string, number[] | "all">();
  for (const { job, task } of targets) {
    const known = wanted.get(job) ?? [];
    wanted.set(job, task === undefined || known === "all" ? "all" : [...known, task]);
  }
  const words = Array.from(wanted, ([id, tasks]) => {
    const { number, cluster } = requireJobId(id);
    return { cluster, word: tasks === "all" ? number : `${number}_[${formatTaskList(tasks)}]` };
  });
  return [...Map.groupBy(words, ({ cluster }) => cluster)].flatMap(([cluster, all]) =>
    chunks(all.map(({ word }) => word), JOBS_AT_ONCE).map((some): [string, ...string[]] => [
      "scancel",
      ...clusterOption(cluster),
      ...some,
    ])
  );
}

/** `[1, 2, 3]` by two → `[1, 2]`, `[3]`. */
export function chunks<T>(things: readonly T[], size: number): T[][] {
  const count = Math.ceil(things.length / size);
  return Array.from({ length: count }, (_, at) => things.slice(at * size, (at + 1) * size));
}

const GONE =
  /invalid job id specified|already completing or completed|job has already finished|already done/i;

/** Whether all that scancel complained about, in one line, is jobs that are over or not known. */
export function onlyGone(words: string): boolean {
  return words.split("; ").every((complaint) => GONE.test(complaint));
}

/** Runs a job or one of its tasks once more. */
export function requeueCommand({ job, task }: JobTarget): [string, ...string[]] {
  const { number, cluster } = requireJobId(job);
  const word = task === undefined ? number : `${number}_${task}`;
  return ["scontrol", ...clusterOption(cluster), "requeue", word];
}
