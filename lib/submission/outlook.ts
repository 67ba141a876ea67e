import { isEnded } from "../core/states.ts";
import type { RunStatus } from "./status.ts";

/** Throughput is counted over the last hour. */
const WINDOW_SECONDS = 3600;

/** How fast runs complete. */
export interface Throughput {
  /** Completed runs an hour. */
  perHour: number;
  /** Runs that completed in the window. */
  completed: number;
  /** Length of the window: an hour, or less where the first run started later. */
  seconds: number;
}

/** When all runs will have ended, and what that is computed from; or why nobody can say. */
export type Eta =
  | {
    /** From now. */
    seconds: number;
    /** Runs that completed: the median is theirs. */
    completed: number;
    /** Of the time that the stages of a run took together. */
    medianSeconds: number;
    /** Runs that run now: as many are taken to run until the end. */
    atOnce: number;
    /** Runs that have not ended. */
    remaining: number;
  }
  | { unknown: string };

/** How the runs of an experiment get on. */
export interface Outlook {
  /** Absent before the first start. */
  throughput?: Throughput;
  /** Absent when everything has ended. */
  eta?: Eta;
}

/** The part of a run that tells how it gets on. */
export type OutlookRun = Pick<RunStatus, "state" | "stages">;

/** Tells from the times of runs how they get on; `now` in seconds since 1970. */
export function outlookOf(runs: readonly OutlookRun[], now: number): Outlook {
  return { throughput: throughputOf(runs, now), eta: etaOf(runs, now) };
}

function throughputOf(runs: readonly OutlookRun[], now: number): Throughput | undefined {
  let first = Infinity;
  let completed = 0;
  for (const { state, stages } of runs) {
    let end = 0;
    for (const { started, ended } of Object.values(stages)) {
      if (started !== undefined && started < first) first = started;
      if (ended !== undefined && ended > end) end = ended;
    }
    if (state === "completed" && end > now - WINDOW_SECONDS && end <= now) completed++;
  }
  const seconds = Math.min(WINDOW_SECONDS, now - first);
  return seconds > 0 ? { perHour: completed * 3600 / seconds, completed, seconds } : undefined;
}

function etaOf(runs: readonly OutlookRun[], now: number): Eta | undefined {
  const open = runs.filter(({ state }) => !isEnded(state));
  if (open.length === 0) return undefined;
  const unsure = open.filter(({ state }) => state === "unknown").length;
  if (unsure > 0) return { unknown: `the state of ${unsure} runs is unknown` };
  const took = runs.filter(({ state }) => state === "completed")
    .flatMap((run) => spent(run, undefined) ?? []);
  if (took.length === 0) return { unknown: "no run has completed" };
  const atOnce = open.filter(({ state }) => state === "running").length;
  if (atOnce === 0) return { unknown: "nothing runs now" };
  const medianSeconds = median(took);
  if (medianSeconds === 0) return { unknown: "runs take less than a second, too little to count" };
  const left = open.map((run) => Math.max(0, medianSeconds - (spent(run, now) ?? 0)));
  const work = left.reduce((sum, seconds) => sum + seconds, 0);
  if (work === 0) return { unknown: "what is left has taken longer than the median already" };
  const longest = left.reduce((most, seconds) => Math.max(most, seconds), 0);
  const seconds = Math.round(Math.max(work / atOnce, longest));
  return { seconds, completed: took.length, medianSeconds, atOnce, remaining: open.length };
}

/** Seconds that the stages of a run took, the one that runs until `now`; absent where unknown. */
function spent({ stages }: OutlookRun, now: number | undefined): number | undefined {
  let sum: number | undefined;
  for (const { started, ended = now } of Object.values(stages)) {
    if (started === undefined || ended === undefined) continue;
    sum = (sum ?? 0) + Math.max(0, ended - started);
  }
  return sum;
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
