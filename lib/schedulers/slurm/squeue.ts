import { clusterOption } from "./job_id.ts";
import { isOver } from "../scheduler.ts";
import {
  NOT_LAUNCHED,
  readSaid,
  readTasks,
  rowsOf,
  type Said,
  type Sighting,
  splitRow,
} from "./sighting.ts";

const COLUMNS = {
  job: "ArrayJobID",
  tasks: "ArrayTaskID",
  component: "HetJobOffset",
  state: "State",
  exit: "exit_code",
  restarts: "RestartCnt",
  submit: "SubmitTime",
  start: "StartTime",
  end: "EndTime",
  nodes: "NodeList",
  reason: "Reason",
  name: "Name",
};
const FIELDS = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

/** Which jobs to ask for: our own, or exactly these, whoever owns them. */
export type QueueQuestion =
  & { cluster?: string }
  & ({ name?: string } | { jobs: readonly string[] });

/**
 * The queue, with what ended less than MinJobAge ago. `--me` lets the controller filter, which is
 * light on clusters with many users.
 */
export function squeueCommand(question: QueueQuestion): [string, ...string[]] {
  return [
    "squeue",
    "--noheader",
    "--all",
    "--states=all",
    ...clusterOption(question.cluster),
    ..."jobs" in question
      ? [`--jobs=${question.jobs.join()}`]
      : ["--me", ...nameOption(question.name)],
    `--Format=${Object.values(COLUMNS).map((column) => `${column}:|`).join()}`,
  ];
}

/** `--name=NAME`, but for a name with a comma, which Slurm would take for two: then all are listed. */
export function nameOption(name: string | undefined): string[] {
  return name === undefined || name.includes(",") ? [] : [`--name=${name}`];
}

/** Reads what {@linkcode squeueCommand} prints. Throws a `RangeError` on a row that is not whole. */
export function parseSqueue(stdout: string): Sighting[] {
  return rowsOf(stdout).flatMap((line) => {
    // every column ends with the separator, the last one too
    const row = splitRow(line.replace(/\|\s*$/, ""), FIELDS);
    if (Number(row.component) > 0) return [];
    const restarts = /^\d+$/.test(row.restarts) ? Number(row.restarts) : undefined;
    const said: Said = { ...readSaid(row, "squeue"), restarts };
    if (isOver(said.state)) said.fleeting = true;
    const expected = forecast(row);
    if (said.state === "PENDING" && expected !== undefined) said.expected = expected;
    return [{ job: row.job, tasks: readTasks(row.tasks), name: row.name, said: honest(said) }];
  });
}

/** The start time of a job that has no node yet is Slurm's estimate; most have none. */
function forecast({ start, nodes }: { start: string; nodes: string }): number | undefined {
  return nodes.trim() === "" && /^[1-9]\d*$/.test(start) ? Number(start) : undefined;
}

/**
 * What a cancelled job last waited for is no reason, unless its wait was in vain; and a job whose
 * script was killed did start, whatever Slurm's word for it.
 */
function honest(said: Said): Said {
  const stale = said.state === "CANCELLED" && said.reason !== "DependencyNeverSatisfied";
  const launched = said.reason === NOT_LAUNCHED && said.signal !== undefined;
  return stale || launched ? { ...said, reason: undefined } : said;
}
