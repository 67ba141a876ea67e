/** Exit codes of the CLI, by meaning. They are stable: scripts may test them. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  config: 3,
  notFound: 4,
  conflict: 5,
  scheduler: 6,
  storage: 7,
  interrupted: 130,
} as const;

/** One of the values of {@linkcode ExitCode}. */
export type ExitCode = typeof ExitCode[keyof typeof ExitCode];

/** What may be said beside an error's message. */
export interface ErrorDetails {
  /** What the reader can do about it, one line. */
  hint?: string;
  /** The error underneath. */
  cause?: unknown;
}

/**
 * Base of every error expflow throws on purpose: a message of one line, a hint, and the exit code
 * that the CLI ends with.
 *
 * @example
 * ```ts
 * import { ExpflowError } from "@expflow/cli";
 * const error = new ExpflowError("Cannot submit: nothing to run", { hint: "add a command" });
 * if (error.exitCode !== 1 || error.hint !== "add a command") throw error;
 * ```
 */
export class ExpflowError extends Error {
  override name = "ExpflowError";
  /** What the reader can do about it. */
  readonly hint?: string;
  /** What the CLI exits with. */
  readonly exitCode: ExitCode = ExitCode.failed;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.hint = details.hint;
  }
}

/** The command line or an argument of a function is wrong. */
export class UsageError extends ExpflowError {
  override name = "UsageError";
  override readonly exitCode: ExitCode = ExitCode.usage;
}

/** A project, template or experiment file is wrong. */
export class ConfigError extends ExpflowError {
  override name = "ConfigError";
  override readonly exitCode: ExitCode = ExitCode.config;
}

/** Something named does not exist. */
export class NotFoundError extends ExpflowError {
  override name = "NotFoundError";
  override readonly exitCode: ExitCode = ExitCode.notFound;
}

/** Something exists already, or another process was faster. */
export class ConflictError extends ExpflowError {
  override name = "ConflictError";
  override readonly exitCode: ExitCode = ExitCode.conflict;
}

/** The scheduler refused, or did not answer. */
export class SchedulerError extends ExpflowError {
  override name = "SchedulerError";
  override readonly exitCode: ExitCode = ExitCode.scheduler;
}

/** The file system refused: full, read-only, no permission. */
export class StorageError extends ExpflowError {
  override name = "StorageError";
  override readonly exitCode: ExitCode = ExitCode.storage;
}

/** A submission may or may not have been accepted: it must be looked up before it is repeated. */
export class UncertainSubmissionError extends SchedulerError {
  override name = "UncertainSubmissionError";
}
