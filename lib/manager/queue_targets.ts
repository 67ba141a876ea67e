import { ConflictError } from "../core/errors.ts";
import { parseRunReference } from "../core/ids.ts";
import { isEnded, type RunState } from "../core/states.ts";
import { notQueued, type QueueItem, type QueueLook } from "./queue_items.ts";

/** What a word on the command line means in the queue: a job, or with `task` one task of it. */
export interface QueueTarget {
  job: number;
  task?: number;
  /** What it carries. */
  items: QueueItem[];
}

/** Whether an item may still change. */
export function isOpenItem({ state }: QueueItem): boolean {
  return state === "queued" || state === "held" || !isEnded(state as RunState);
}

/**
 * Finds what is meant by `exp001`, `exp001/3`, the number of a job, or `JOB_TASK`.
 *
 * @throws {NotFoundError} with what was meant perhaps, {UsageError} for what can be no name.
 */
export function findItems({ items }: QueueLook, text: string): QueueItem[] {
  const [job, task] = /^(\d{1,15})(?:_(\d{1,9}))?$/.exec(text)?.slice(1) ?? [];
  const experiments = [...new Set(items.map(({ experiment }) => experiment))];
  if (job !== undefined && !experiments.includes(text)) {
    const found = items.filter((item) =>
      item.job === job && (task === undefined || item.task === Number(task))
    );
    if (found.length > 0) return found;
    const jobs = [...new Set(items.flatMap((item) => item.job ?? []))];
    throw notQueued(`job ${text}`, text, task === undefined ? jobs : tasksOf(items, job));
  }
  const { experiment, run } = parseRunReference(text);
  if (!experiments.includes(experiment)) throw notQueued(experiment, experiment, experiments);
  const found = items.filter((item) =>
    item.experiment === experiment && (run === undefined || item.run === run)
  );
  if (found.length > 0) return found;
  const runs = items.filter((item) => item.experiment === experiment).map(({ item }) => item);
  throw notQueued(text, text, [...new Set(runs)].slice(0, MOST_NAMED));
}

/** As many names are said where one was not found. */
const MOST_NAMED = 20;

function tasksOf(items: readonly QueueItem[], job: string): string[] {
  return items.filter((item) => item.job === job).slice(0, MOST_NAMED)
    .map(({ task }) => task === undefined ? job : `${job}_${task}`);
}

/**
 * The jobs and tasks that carry items and nothing else.
 *
 * @throws {ConflictError} for a run that shares its task with others.
 */
export function targetsOf(
  { items: all }: QueueLook,
  items: readonly QueueItem[],
): QueueTarget[] {
  const carried = Map.groupBy(all, ({ job }) => job);
  const wanted = Map.groupBy(items.filter(({ job }) => job !== undefined), ({ job }) => job!);
  return [...wanted].flatMap(([text, own]): QueueTarget[] => {
    const job = Number(text);
    if (own.length === carried.get(text)!.length) return [{ job, items: own }];
    const inTask = Map.groupBy(carried.get(text)!, ({ task }) => task);
    return Array.from(Map.groupBy(own, ({ task }) => task), ([task, some]) => {
      const together = inTask.get(task)!;
      if (together.length === some.length) return { job, task: task ?? 0, items: some };
      const name = task === undefined ? text : `${text}_${task}`;
      throw new ConflictError(
        `Cannot take ${some[0]!.item} alone: job ${name} runs it together with ` +
          `${together.length - some.length} other runs`,
        { hint: `name the job: ${name}` },
      );
    });
  });
}
