import { parseTres } from "../../core/tres.ts";
import { rowsOf, splitRow } from "./sighting.ts";
import type { SchedulerState } from "../scheduler.ts";
import { readState } from "./states.ts";

const COLUMNS = {
  job: "JobID",
  state: "State",
  elapsed: "ElapsedRaw",
  limit: "TimelimitRaw",
  cpu: "TotalCPU",
  cpus: "AllocCPUS",
  nodes: "NNodes",
  tasks: "NTasks",
  rss: "MaxRSS",
  allocated: "AllocTRES",
  peak: "TRESUsageInMax",
};
const FIELDS = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

/** What one job, or one task of an array, asked for and used; what is absent was not recorded. */
export interface JobUsage {
  /** Slurm's number; of the whole array, for a task. */
  job: string;
  /** Index in the array. */
  task?: number;
  /** How it ended, or that it runs. */
  state: SchedulerState;
  /** Seconds that it ran. */
  elapsed: number;
  /** Time limit in seconds. */
  limit?: number;
  /** That it was given, over all nodes. */
  cpus: number;
  /** That it ran on. */
  nodes: number;
  /** Seconds of all its CPUs. */
  cpuSeconds?: number;
  /** MiB that it was given on a node. */
  memory?: number;
  /** MiB that it had at most on a node: the largest task × the tasks of a node. */
  memoryUsed?: number;
  /** That it was given, over all nodes. */
  gpus: number;
  /** 0 to 1; only where the site gathers it. */
  gpuUse?: number;
}

/** Jobs with their steps: only these say what was used. */
export function usageCommand(jobs: readonly string[]): [string, ...string[]] {
  return [
    "sacct",
    "--noheader",
    "--parsable2",
    `--jobs=${jobs.join()}`,
    `--format=${Object.values(COLUMNS).join()}`,
  ];
}

/** Reads what {@linkcode usageCommand} prints. Throws a `RangeError` on a row that is not whole. */
export function parseUsage(stdout: string): JobUsage[] {
  const found = new Map<string, JobUsage>();
  for (const line of rowsOf(stdout)) {
    const row = splitRow(line, FIELDS);
    const [, id, step] = /^(\d+(?:_\d+)?)(?:\.(.+))?$/.exec(row.job) ?? [];
    if (id === undefined) continue;
    const known = found.get(id);
    if (step === undefined) found.set(id, readJob(id, row));
    else if (known) addStep(known, row);
  }
  return [...found.values()];
}

type Row = Record<keyof typeof COLUMNS, string>;

function readJob(id: string, row: Row): JobUsage {
  const [job, task] = id.split("_");
  const given = parseTres(row.allocated);
  const nodes = Math.max(1, Number(row.nodes) || 1);
  const cpuSeconds = readCpuTime(row.cpu);
  return {
    job: job!,
    ...task === undefined ? {} : { task: Number(task) },
    state: readState(row.state).state,
    elapsed: Number(row.elapsed) || 0,
    ...(/^\d+$/.test(row.limit) ? { limit: Number(row.limit) * 60 } : {}),
    cpus: Number(row.cpus) || 0,
    nodes,
    ...cpuSeconds ? { cpuSeconds } : {},
    ...given.mem === undefined ? {} : { memory: given.mem / nodes },
    gpus: given["gres/gpu"] ?? 0,
  };
}

function addStep(usage: JobUsage, row: Row): void {
  const rss = parseTres(`mem=${row.rss || "?"}`).mem ?? parseTres(row.peak).mem;
  if (rss) {
    const tasks = Math.ceil((Number(row.tasks) || 1) / (Number(row.nodes) || 1));
    usage.memoryUsed = Math.max(usage.memoryUsed ?? 0, rss * tasks);
  }
  const gpu = parseTres(row.peak)["gres/gpuutil"];
  if (gpu !== undefined) usage.gpuUse = Math.max(usage.gpuUse ?? 0, gpu / 100);
}

/** `1-02:03:04`, `02:03:04` or `03:04.567` in seconds. */
function readCpuTime(text: string): number | undefined {
  const [, days = "0", hours = "0", minutes, seconds] =
    /^(?:(\d+)-)?(?:(\d+):)?(\d+):([\d.]+)$/.exec(text) ?? [];
  return minutes === undefined
    ? undefined
    : ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}
