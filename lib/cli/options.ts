import { parseDuration } from "../core/durations.ts";
import { UsageError } from "../core/errors.ts";

/** Gathers the values of an option that may be repeated. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** The option for the scheduler that is submitted to, as help tells it. */
export const TO_OPTION = [
  "--to <scheduler>",
  "queue, local or slurm, in the place of the project's",
] as const;

/** Reads a priority in the queue. */
export function readPriority(value: string): number {
  const priority = /^\d{1,4}$/.test(value) ? Number(value) : NaN;
  if (priority <= 1000) return priority;
  throw new UsageError(`Cannot use ${JSON.stringify(value)} as a priority: expected 0 to 1000`, {
    hint: "the highest is taken first; 500 is usual",
  });
}

/** Reads words divided by commas. */
export function readWords(value: string): string[] {
  return value.split(",").map((word) => word.trim()).filter(Boolean);
}

/** Reads the time between two looks (`30s`, `2m`; a plain number is minutes, as in sbatch) as milliseconds. */
export function readPoll(value: string): number {
  const seconds = parseDuration(value);
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  throw new UsageError(
    `Cannot look every ${JSON.stringify(value)}: more than nothing was expected`,
  );
}

/** Reads how long to wait at most (`10m`; 0 is not at all) as milliseconds. */
export function readWait(value: string): number {
  const seconds = parseDuration(value);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  throw new UsageError(`Cannot wait for ${JSON.stringify(value)}: a finite time was expected`, {
    hint: "as in 30s or 10m; 0 does not wait",
  });
}

/** Reads a whole number from 0. */
export function readCount(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new UsageError(`Cannot read ${JSON.stringify(value)}: expected a whole number`, {
    hint: "as in 20",
  });
}
