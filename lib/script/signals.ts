import { ConfigError } from "../core/errors.ts";
import { parseDuration } from "../core/durations.ts";
import type { Resources } from "../core/experiment.ts";

const DEFAULT = "USR1@120";
const GIVEN = /^(?:([BR]{1,2}):)?(?:SIG)?([A-Z][A-Z0-9]*|\d+)(?:@(\d{1,5}))?$/;
const NUMBERS: Record<string, string> = { 1: "HUP", 2: "INT", 10: "USR1", 12: "USR2", 15: "TERM" };
const NAMES = new Set(["HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "ALRM", "URG", "WINCH"]);

/** The warning before the time limit. */
export interface Warning {
  /**
   * Value of `--signal`; it always goes to the batch shell, which knows whom to tell. Absent where the
   * limit is too short for a warning.
   */
  directive?: string;
  /** Name of the signal, without SIG. */
  signal: string;
  /** Seconds before the time limit. */
  seconds: number;
  /** Whether the user asked for it. */
  asked: boolean;
}

/** Slurm looks at time limits every half a minute, and sends what is due before its next look. */
const EARLY_SECONDS = 30;
/** Until a script listens, a warning would end it; nodes under load start bash late. */
const START_SECONDS = 60;
const SHORTEST_SECONDS = 10;

/** Seconds of `resources.time`; `Infinity` without one, and where it is 0, as sbatch has it. */
export function limitSeconds({ time }: Pick<Resources, "time">): number {
  return time === undefined ? Infinity : parseDuration(time) || Infinity;
}

/**
 * Reads `resources.signal`. Unless told it is `USR1@120`, or less before a short limit: a warning
 * that comes at the start would end the job.
 *
 * @throws {ConfigError} on what is no signal, or one that a program cannot listen to.
 */
export function warningOf({ signal, time }: Pick<Resources, "signal" | "time">): Warning {
  const match = GIVEN.exec(signal ?? DEFAULT);
  const name = match && (NUMBERS[match[2]!] ?? match[2]!);
  if (!match || !NAMES.has(name!)) {
    throw new ConfigError(`Cannot use ${JSON.stringify(signal)} as the warning signal`, {
      hint: `write USR1@120: one of ${[...NAMES].join(", ")}, and seconds before the time limit`,
    });
  }
  const flags = match[1]?.includes("R") ? "RB" : "B";
  const given = Number(match[3] ?? 60);
  const most = limitSeconds({ time }) - EARLY_SECONDS - START_SECONDS;
  const seconds = signal === undefined ? Math.floor(Math.min(given, most)) : given;
  const warns = signal !== undefined || seconds >= SHORTEST_SECONDS;
  const before = match[3] === undefined ? "" : `@${seconds}`;
  return {
    ...warns ? { directive: `${flags}:${name}${before}` } : {},
    signal: name!,
    seconds: Math.max(0, seconds),
    asked: signal !== undefined,
  };
}
