import { clusterOption } from "./job_id.ts";
import {
  NOT_LAUNCHED,
  readSaid,
  readTasks,
  rowsOf,
  type Said,
  type Sighting,
  splitRow,
} from "./sighting.ts";
import { nameOption } from "./squeue.ts";
import { isOver } from "../scheduler.ts";

const COLUMNS = {
  job: "JobID",
  state: "State",
  exit: "ExitCode",
  submit: "Submit",
  start: "Start",
  end: "End",
  nodes: "NodeList",
  reason: "Reason",
  name: "JobName",
};
const FIELDS = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
/** Without them, jobs that were cancelled before they could start are left out of a window. */
const ALL_STATES = "BF,CA,CD,DL,F,NF,OOM,PD,PR,R,RQ,RS,S,TO";
/** The name of a record whose end reached the database before its beginning: it has no tasks yet. */
const HALF_WRITTEN = "allocation";

/** What to ask accounting for: jobs by number, or by name since so many seconds ago. */
export type AccountingQuestion =
  | { jobs: readonly string[]; cluster?: string }
  | { name: string; secondsBack: number };

/** Every attempt of jobs, without their steps. A window without its end would be empty. */
export function sacctCommand(question: AccountingQuestion): [string, ...string[]] {
  const which = "jobs" in question
    ? [...clusterOption(question.cluster), `--jobs=${question.jobs.join()}`]
    : [
      ...nameOption(question.name),
      `--starttime=now-${question.secondsBack}seconds`,
      "--endtime=now",
      `--state=${ALL_STATES}`,
    ];
  const format = `--format=${Object.values(COLUMNS).join()}`;
  return ["sacct", "--allocations", "--duplicates", "--noheader", "--parsable2", ...which, format];
}

const JOB = /^(\d+)(?:_(\d+)|_\[([^\]]*)\]|\+(\d+))?$/;

/**
 * Reads what {@linkcode sacctCommand} prints. Records that are no job (yet) are left out; a
 * `RangeError` is thrown on a row that is not whole.
 */
export function parseSacct(stdout: string): Sighting[] {
  return rowsOf(stdout).flatMap((line) => {
    const row = splitRow(line, FIELDS);
    const [, job, task, list, component] = JOB.exec(row.job) ?? [];
    if (job === undefined) throw new RangeError(`${JSON.stringify(row.job)} is no job`);
    const said = readSaid(row, "sacct");
    if (Number(component ?? 0) > 0 || row.name === HALF_WRITTEN) return [];
    return [{
      job,
      tasks: readTasks(task ?? list ?? ""),
      name: row.name,
      said: honest(said),
    }];
  });
}

/**
 * Accounting's reason is what a job last waited for; it explains no end. What waits is cancelled by
 * Slurm itself, and so by nobody, when what it depends on cannot come true any more.
 */
function honest(said: Said): Said {
  const { state, reason, nodes } = said;
  if (!isOver(state)) return state === "PENDING" ? said : { ...said, reason: undefined };
  if (reason?.startsWith("cancelled by") || reason === NOT_LAUNCHED) return said;
  const inVain = state === "CANCELLED" && nodes === undefined;
  return { ...said, reason: inVain ? "DependencyNeverSatisfied" : undefined };
}
