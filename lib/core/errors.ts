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
  /** Of the class; tells errors apart across copies of this module, where `instanceof` fails. */
  override name = "ExpflowError";
  /** What the reader can do about it. */
  readonly hint?: string;
  /** What the CLI exits with. */
  readonly exitCode: ExitCode = ExitCode.failed;

  /** `message` is one line: `Cannot X: what was found, what was expected`. */
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.hint = details.hint;
  }
}

/**
 * The command line or an argument of a function is wrong.
 *
 * @example
 * ```ts
 * import { parseSweepLine, UsageError } from "@expflow/cli";
 * import { throws } from "node:assert/strict";
 *
 * throws(() => parseSweepLine("lr 0.1"), UsageError);
 * ```
 */
export class UsageError extends ExpflowError {
  /** Always `UsageError`. */
  override name = "UsageError";
  /** 2. */
  override readonly exitCode: ExitCode = ExitCode.usage;
}

/**
 * A project, template or experiment file is wrong.
 *
 * @example
 * ```ts
 * import { ConfigError, expandSweep, parseSweepLine } from "@expflow/cli";
 * import { throws } from "node:assert/strict";
 *
 * const twice = parseSweepLine("lr=0.1,0.1");
 * throws(() => expandSweep(twice, {}), ConfigError);
 * ```
 */
export class ConfigError extends ExpflowError {
  /** Always `ConfigError`. */
  override name = "ConfigError";
  /** 3. */
  override readonly exitCode: ExitCode = ExitCode.config;
}

/**
 * Something named does not exist.
 *
 * @example
 * ```ts
 * import { NotFoundError, openProject } from "@expflow/cli";
 * import { rejects } from "node:assert/strict";
 *
 * const empty = Deno.makeTempDirSync();
 * await rejects(async () => await openProject(empty), NotFoundError);
 * ```
 */
export class NotFoundError extends ExpflowError {
  /** Always `NotFoundError`. */
  override name = "NotFoundError";
  /** 4. */
  override readonly exitCode: ExitCode = ExitCode.notFound;
}

/**
 * Something exists already, or another process was faster.
 *
 * @example
 * ```ts
 * import { ConflictError, createExperiment, initProject, openProject } from "@expflow/cli";
 * import { throws } from "node:assert/strict";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001");
 * throws(() => createExperiment(project, "exp001"), ConflictError);
 * ```
 */
export class ConflictError extends ExpflowError {
  /** Always `ConflictError`. */
  override name = "ConflictError";
  /** 5. */
  override readonly exitCode: ExitCode = ExitCode.conflict;
}

/**
 * The scheduler refused, or did not answer.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   initProject,
 *   openProject,
 *   SchedulerError,
 *   submit,
 * } from "@expflow/cli";
 * import { rejects } from "node:assert/strict";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "wide", { set: ["resources.nodes=2"] });
 * await rejects(submit(project, "wide"), SchedulerError); // this machine is one node
 * ```
 */
export class SchedulerError extends ExpflowError {
  /** Always `SchedulerError`. */
  override name = "SchedulerError";
  /** 6. */
  override readonly exitCode: ExitCode = ExitCode.scheduler;
}

/**
 * The file system refused: full, read-only, no permission.
 *
 * @example
 * ```ts
 * import { initProject, StorageError } from "@expflow/cli";
 * import { rejects } from "node:assert/strict";
 *
 * await rejects(initProject({ name: "demo", parent: "/sys" }), StorageError); // nobody writes there
 * ```
 */
export class StorageError extends ExpflowError {
  /** Always `StorageError`. */
  override name = "StorageError";
  /** 7. */
  override readonly exitCode: ExitCode = ExitCode.storage;
}

/** A submission may or may not have been accepted: it must be looked up before it is repeated. */
export class UncertainSubmissionError extends SchedulerError {
  override name = "UncertainSubmissionError";
}

/** The scheduler takes no more jobs now: what was to be submitted waits until others end. */
export class NoRoomError extends SchedulerError {
  override name = "NoRoomError";
  /** The limit, in the scheduler's words. */
  readonly limit: string;
  /** Whether it said so to the end; else the job must be looked up. */
  readonly sure: boolean;
  /** Whether all users' jobs count, so that there can be room without one of ours ending. */
  readonly shared: boolean;

  constructor(
    message: string,
    details: ErrorDetails & { limit: string; sure: boolean; shared: boolean },
  ) {
    super(message, details);
    ({ limit: this.limit, sure: this.sure, shared: this.shared } = details);
  }
}

/** The user wanted to end it (Ctrl-C). What was submitted goes on. */
export class InterruptedError extends ExpflowError {
  override name = "InterruptedError";
  /** See {@linkcode ExitCode}. */
  override readonly exitCode: ExitCode = ExitCode.interrupted;
}
