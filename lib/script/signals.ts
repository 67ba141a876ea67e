import { ConfigError } from "../core/errors.ts";
import type { Resources } from "../core/experiment.ts";

const DEFAULT = "USR1@120";
const GIVEN = /^(?:([BR]{1,2}):)?(?:SIG)?([A-Z][A-Z0-9]*|\d+)(?:@(\d{1,5}))?$/;
const NUMBERS: Record<string, string> = { 1: "HUP", 2: "INT", 10: "USR1", 12: "USR2", 15: "TERM" };
const NAMES = new Set(["HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "ALRM", "URG", "WINCH"]);

/** The warning before the time limit. */
export interface Warning {
  /** Value of `--signal`; it always goes to the batch shell, which knows whom to tell. */
  directive: string;
  /** Name of the signal, without SIG. */
  signal: string;
  /** Seconds before the time limit. */
  seconds: number;
  /** Whether the user asked for it. */
  asked: boolean;
}

/**
 * Reads `resources.signal` (`USR1@120` unless told).
 *
 * @throws {ConfigError} on what is no signal, or one that a program cannot listen to.
 */
export function warningOf({ signal }: Pick<Resources, "signal">): Warning {
  const match = GIVEN.exec(signal ?? DEFAULT);
  const name = match && (NUMBERS[match[2]!] ?? match[2]!);
  if (!match || !NAMES.has(name!)) {
    throw new ConfigError(`Cannot use ${JSON.stringify(signal)} as the warning signal`, {
      hint: `write USR1@120: one of ${[...NAMES].join(", ")}, and seconds before the time limit`,
    });
  }
  const flags = match[1]?.includes("R") ? "RB" : "B";
  const seconds = match[3] === undefined ? "" : `@${match[3]}`;
  return {
    directive: `${flags}:${name}${seconds}`,
    signal: name!,
    seconds: Number(match[3] ?? 60),
    asked: signal !== undefined,
  };
}
