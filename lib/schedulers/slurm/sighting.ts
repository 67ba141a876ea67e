import { isOver, type TaskReport } from "../scheduler.ts";
import { readState } from "./states.ts";
import { parseTaskList } from "./task_list.ts";

/** What is said of a job or of tasks of it, but for which. */
export type Said = Omit<TaskReport, "job" | "task">;

/** One row of a table of Slurm's. */
export interface Sighting {
  /** Number of the job; of the whole array, for tasks. */
  job: string;
  /** What the row is about; absent for a job that is no array. */
  tasks?: number[];
  /** The job's name. */
  name: string;
  said: Said;
}

/** The texts of a row that all tables have. */
export interface RowTexts {
  state: string;
  exit: string;
  submit: string;
  start: string;
  end: string;
  nodes: string;
  reason: string;
}

const NOTHING = new Set(["", "None", "n/a", "N/A", "(null)", "Unknown", "None assigned"]);

function word(text: string): string | undefined {
  return NOTHING.has(text) ? undefined : text;
}

/** Slurm's epoch times: `Unknown`, `None`, `N/A` and 0 are none. */
function epoch(text: string): number | undefined {
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

/** `3:9`, or the raw status of wait(2), `777`, as 22.05's squeue has it. */
function exitOf(text: string): { code: number; signal: number } | undefined {
  const pair = /^(\d+):(\d+)$/.exec(text);
  if (pair) return { code: Number(pair[1]), signal: Number(pair[2]) };
  if (!/^\d+$/.test(text)) return undefined;
  return { code: Number(text) >> 8 & 255, signal: Number(text) & 127 };
}

/** Slurm's own numbers are above: 125 for out of memory, and one for a script that did not start. */
const LAST_SIGNAL = 31;
const LAUNCH_SIGNAL = 53;
/** The reason of a job whose folder or output file could not be opened. */
export const NOT_LAUNCHED = "JobLaunchFailure";

/** Puts a row's texts into a report. What cannot be read stays away. */
export function readSaid(row: RowTexts, source: string): Said {
  const { state, raw, reason } = readState(row.state);
  const over = isOver(state);
  const exit = over ? exitOf(row.exit) : undefined;
  const nodes = word(row.nodes);
  const signal = exit && exit.signal > 0 && exit.signal <= LAST_SIGNAL ? exit.signal : undefined;
  return {
    state,
    raw,
    reason: exit?.signal === LAUNCH_SIGNAL ? NOT_LAUNCHED : reason ?? word(row.reason),
    exitCode: exit && exit.signal === 0 ? exit.code : undefined,
    signal,
    nodes,
    submitted: epoch(row.submit),
    // a job that never had a node has the time of its end, or a forecast, as its start
    started: nodes === undefined ? undefined : epoch(row.start),
    ended: over ? epoch(row.end) : undefined,
    source,
  };
}

/**
 * Rows of a table that was printed without a header: they begin with a number; banners do not.
 * Throws a `RangeError` when the last one was cut off.
 */
export function rowsOf(stdout: string): string[] {
  const rows = stdout.split("\n").filter((line) => /^\d[^|]*\|/.test(line));
  if (rows.length > 0 && !stdout.endsWith("\n")) {
    throw new RangeError("the output ends in the middle of a row");
  }
  return rows;
}

/**
 * Splits `12|a|b|the | rest` into named fields; the last one keeps its separators. Throws a
 * `RangeError` when there are too few.
 */
export function splitRow<Field extends string>(
  line: string,
  fields: readonly Field[],
): Record<Field, string> {
  const parts = line.split("|");
  if (parts.length < fields.length) {
    throw new RangeError(`the row ${JSON.stringify(line)} is not whole`);
  }
  const last = fields.length - 1;
  if (parts.length > fields.length) parts[last] = parts.slice(last).join("|");
  const row = {} as Record<Field, string>;
  for (const [at, field] of fields.entries()) row[field] = parts[at]!;
  return row;
}

/** Tasks as a column has them: none for a job that is no array; throws when cut off. */
export function readTasks(text: string): number[] | undefined {
  if (text === "N/A" || text === "") return undefined;
  const tasks = parseTaskList(text);
  if (!tasks) throw new RangeError(`the tasks ${JSON.stringify(text)} cannot be read`);
  return tasks;
}
