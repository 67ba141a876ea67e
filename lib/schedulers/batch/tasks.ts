import { SchedulerError } from "../../core/errors.ts";

/** Most tasks that one array may have here. */
export const MAX_ARRAY_TASKS = 1_000_000;
const MAX_INDEX = 4_000_000;

/** The value of `--array`, read: which tasks, by rising index, and how many at once. */
export interface ArraySpec {
  indices: Uint32Array;
  /** At most this many run at once; no limit when absent. */
  throttle?: number;
}

function refused(text: string, why: string): SchedulerError {
  return new SchedulerError(`Cannot read ${JSON.stringify(text)} as an array: ${why}`, {
    hint: "write --array=0-9, 1,3,5-7, 0-15:4, and %4 at the end for at most four at once",
  });
}

/**
 * Reads the value of `--array`: `0-9`, `1,3,5-7`, `0-15:4`, each with `%4` at its end or not.
 *
 * @throws {SchedulerError} on anything else, or when there are too many tasks.
 */
export function parseArray(text: string): ArraySpec {
  const [list = "", throttle, ...rest] = text.split("%");
  if (rest.length > 0 || (throttle !== undefined && !/^\d{1,9}$/.test(throttle))) {
    throw refused(text, "after % stands one number");
  }
  const ranges = list.split(",").map((part) => {
    const match = /^(\d{1,9})(?:-(\d{1,9})(?::(\d{1,9}))?)?$/.exec(part.trim());
    if (!match) throw refused(text, `${JSON.stringify(part)} is no index and no range`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    const step = Number(match[3] ?? 1);
    if (last < first || step === 0) throw refused(text, `${JSON.stringify(part)} holds no task`);
    if (last > MAX_INDEX) throw refused(text, `${last} is over the highest index, ${MAX_INDEX}`);
    return { first, last, step };
  });
  const total = ranges.reduce((sum, { first, last, step }) => sum + (last - first) / step + 1, 0);
  if (total > MAX_ARRAY_TASKS) throw refused(text, `more than ${MAX_ARRAY_TASKS} tasks`);
  const indices = new Set<number>();
  for (const { first, last, step } of ranges) {
    for (let index = first; index <= last; index += step) indices.add(index);
  }
  const atOnce = Number(throttle ?? 0);
  return { indices: Uint32Array.from(indices).sort(), throttle: atOnce > 0 ? atOnce : undefined };
}

/** Place of a task in its array, -1 when it has none there. */
export function positionOf(indices: Uint32Array, task: number): number {
  let [low, high] = [0, indices.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (indices[middle] === task) return middle;
    if (indices[middle]! < task) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
