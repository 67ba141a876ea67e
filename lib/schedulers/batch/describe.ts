import { constants } from "node:os";
import { basename, isAbsolute, resolve } from "node:path";
import { parseDuration } from "../../core/durations.ts";
import { SchedulerError, UsageError } from "../../core/errors.ts";
import type { DependencyType } from "../scheduler.ts";
import { readDirectives } from "./directives.ts";
import type { Dependency, JobSpec, Warning } from "./job_spec.ts";
import { type Options, readShares } from "./resources.ts";
import { parseArray } from "./tasks.ts";

/** What is known of a submission beside its script. */
export interface SubmissionContext {
  /** Path of the script; its name is the job's unless the script says. */
  script: string;
  folder: string;
  host: string;
  environment: Record<string, string>;
  /** CPUs of this machine. */
  cpus: number;
  /** Seconds since 1970. */
  epoch: number;
  /** Options that the caller reads itself. */
  also?: readonly string[];
}

const EFFECTIVE = new Set(
  [
    "array chdir cpus-per-task dependency error exclusive gpus gpus-per-node gpus-per-task gres",
    "job-name no-requeue nodes ntasks ntasks-per-node open-mode output requeue signal time",
  ].join(" ").split(" "),
);
const SIGNALS = "HUP INT QUIT ABRT KILL ALRM TERM USR1 USR2 URG CONT STOP TSTP TTIN TTOU".split(
  " ",
);
const TYPES: readonly string[] = ["afterok", "afterany", "aftercorr"] satisfies DependencyType[];

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Reads the value of `--dependency`: `afterok:12:13,afterany:14`.
 *
 * @throws {SchedulerError} on other types, on `?`, and on single tasks.
 */
export function parseDependencies(text: string): Dependency[] {
  return text.split(",").filter((part) => part !== "").flatMap((part) => {
    const [type = "", ...jobs] = part.split(":");
    if (TYPES.includes(type) && jobs.length > 0 && jobs.every((job) => /^\d{1,15}$/.test(job))) {
      return jobs.map((job): Dependency => ({ type: type as DependencyType, job: Number(job) }));
    }
    throw new SchedulerError(`Cannot use ${JSON.stringify(part)} as a dependency`, {
      hint: `use ${TYPES.join(", ")} on whole jobs, all of which must hold`,
    });
  });
}

/**
 * Reads the value of `--signal`: `[B:]SIG[@seconds]`.
 *
 * @throws {SchedulerError} when this machine has no such signal.
 */
export function parseWarning(text: string): Warning {
  const [, flags = "", name = "", before] = /^(?:([A-Z]+):)?(\w+)(?:@(\d{1,9}))?$/i.exec(text) ??
    [];
  const wanted = name.toUpperCase();
  const signal = SIGNALS.find((known) => {
    const number = constants.signals[`SIG${known}` as keyof typeof constants.signals];
    return [known, `SIG${known}`, String(number)].includes(wanted);
  });
  if (signal === undefined) {
    throw new SchedulerError(`Cannot read --signal=${text}: no such signal`);
  }
  return {
    signal: `SIG${signal}`,
    before: Number(before ?? 60),
    batchOnly: flags.toUpperCase().includes("B"),
  };
}

function timeLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    const seconds = parseDuration(text);
    return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new SchedulerError(error.message, { hint: error.hint, cause: error });
  }
}

function openMode(text: string | undefined): JobSpec["openMode"] {
  if (text === undefined || /^t(runcate)?$/i.test(text)) return "truncate";
  if (/^a(ppend)?$/i.test(text)) return "append";
  throw new SchedulerError(`Cannot read --open-mode=${text}: append or truncate was expected`);
}

function interpreterOf(script: string, path: string): string[] {
  const [, line] = /^#!([^\n]*)\n/.exec(`${script}\n`) ?? [];
  const [, program, argument] = /^\s*(\/\S+)(?:\s+(.*\S))?\s*$/.exec(line ?? "") ?? [];
  if (program === undefined) {
    throw new SchedulerError(`Cannot submit ${path}: it does not look like a batch script`, {
      hint: "its first line has to be #!/bin/bash or the like",
    });
  }
  if (script.includes("\r\n")) {
    throw new SchedulerError(`Cannot submit ${path}: it has DOS line breaks`, {
      hint: "convert it with: sed -i 's/\\r$//'",
    });
  }
  return argument === undefined ? [program] : [program, argument];
}

function effectiveOptions(script: string, also: readonly string[], notes: string[]): Options {
  const directives = readDirectives(script);
  notes.push(...directives.notes);
  const options = new Map<string, string>();
  for (const { name, value, line } of directives.options) {
    if (CONTROL.test(value)) {
      throw new SchedulerError(
        `Cannot submit: the value of --${name} in line ${line} holds a control character`,
      );
    }
    if (!EFFECTIVE.has(name) && !also.includes(name)) {
      notes.push(`line ${line}: --${name} has no effect here`);
    } else if (name === "no-requeue") options.delete("requeue");
    else if (name === "requeue") options.delete("no-requeue");
    if (EFFECTIVE.has(name)) options.set(name, value);
  }
  return options;
}

/**
 * Reads a batch script as sbatch would.
 *
 * @throws {SchedulerError} when it cannot run here.
 */
export function describeJob(script: string, context: SubmissionContext): JobSpec {
  const notes: string[] = [];
  const interpreter = interpreterOf(script, context.script);
  const options = effectiveOptions(script, context.also ?? [], notes);
  const shares = readShares(options, context.cpus, notes);
  const array = options.get("array");
  if (array !== undefined) parseArray(array);
  const chdir = options.get("chdir") ?? context.folder;
  const signal = options.get("signal");
  const name = options.get("job-name") ?? basename(context.script);
  if (CONTROL.test(name)) {
    throw new SchedulerError(
      `Cannot submit ${JSON.stringify(name)}: a name with control characters`,
    );
  }
  return {
    version: 1,
    name,
    interpreter,
    submitted: context.epoch,
    submitFolder: context.folder,
    submitHost: context.host,
    environment: context.environment,
    chdir: isAbsolute(chdir) ? chdir : resolve(context.folder, chdir),
    output: options.get("output"),
    error: options.get("error"),
    openMode: openMode(options.get("open-mode")),
    array,
    ...shares,
    timeLimit: timeLimit(options.get("time")),
    warning: signal === undefined ? undefined : parseWarning(signal),
    requeue: !options.has("no-requeue"),
    dependencies: parseDependencies(options.get("dependency") ?? ""),
    notes,
  };
}
