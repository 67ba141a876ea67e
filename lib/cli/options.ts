import { parseDuration } from "../core/durations.ts";
import { UsageError } from "../core/errors.ts";

/** Gathers the values of an option that may be repeated. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** Reads the time between two looks (`30s`, `2m`; a plain number is minutes, as in sbatch) as milliseconds. */
export function readPoll(value: string): number {
  const seconds = parseDuration(value);
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  throw new UsageError(
    `Cannot look every ${JSON.stringify(value)}: more than nothing was expected`,
  );
}
