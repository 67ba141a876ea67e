import { UsageError } from "./errors.ts";

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const STAGE = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

/** Says whether `text` can be the id of an experiment, a template or a project. */
export function isId(text: string): boolean {
  return ID.test(text) && !text.includes("..") && !text.endsWith(".");
}

/** Returns `text` when it is a valid id; throws a `UsageError` that names `what` otherwise. */
export function checkId(text: string, what: string): string {
  if (isId(text)) return text;
  throw new UsageError(`Cannot use ${JSON.stringify(text)} as ${what}`, {
    hint:
      "ids start with a letter or digit, hold letters, digits, '.', '_', '-' (no '..'), and are at most 100 characters",
  });
}

/** Says whether `text` can name a stage; a stage's name is part of file names, without dots. */
export function isStageName(text: string): boolean {
  return STAGE.test(text);
}

/** A run named on the command line: `exp001` (all runs) or `exp001/12`. */
export interface RunReference {
  /** Id of the experiment. */
  experiment: string;
  /** Index of the run; absent for all of them. */
  run?: number;
}

/** Reads `ID` or `ID/run`; throws a `UsageError` on anything else. */
export function parseRunReference(text: string): RunReference {
  const [experiment = "", run, ...rest] = text.split("/");
  checkId(experiment, "an experiment id");
  if (run === undefined) return { experiment };
  if (rest.length > 0 || !/^\d{1,9}$/.test(run)) {
    throw new UsageError(`Cannot read ${JSON.stringify(text)} as ID or ID/run`, {
      hint: `a run is a number, as in ${experiment}/0`,
    });
  }
  return { experiment, run: Number(run) };
}
