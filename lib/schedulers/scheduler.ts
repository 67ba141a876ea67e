import type { Denial } from "../core/denials.ts";
import type { Resources } from "../core/experiment.ts";

/** How one job waits for another. `aftercorr`: task n waits for task n. */
export type DependencyType = "afterok" | "afterany" | "aftercorr";

/** A job to submit: a script with `#SBATCH` directives, and what is known only now. */
export interface JobRequest {
  /** Absolute path; its directives say everything but the dependencies. */
  script: string;
  /** Ids of submitted jobs, all of which must hold; ids of this scheduler. */
  dependencies: { type: DependencyType; job: string }[];
  /** In the place of the directive `--job-name`. */
  name?: string;
  /** In the place of the directive `--array`: some of its tasks, `0-4,7%2`. */
  array?: string;
}

/** Scheduler states, in Slurm's words. `UNKNOWN`: a word that is not in the map; kept in `raw`. */
export const SCHEDULER_STATES = [
  "PENDING",
  "RUNNING",
  "SUSPENDED",
  "COMPLETING",
  "COMPLETED",
  "FAILED",
  "TIMEOUT",
  "CANCELLED",
  "OUT_OF_MEMORY",
  "NODE_FAIL",
  "BOOT_FAIL",
  "DEADLINE",
  "PREEMPTED",
  "REQUEUED",
  "UNKNOWN",
] as const;

/** One of {@linkcode SCHEDULER_STATES}. */
export type SchedulerState = typeof SCHEDULER_STATES[number];

const OVER: ReadonlySet<SchedulerState> = new Set<SchedulerState>([
  "COMPLETED",
  "FAILED",
  "TIMEOUT",
  "CANCELLED",
  "OUT_OF_MEMORY",
  "NODE_FAIL",
  "BOOT_FAIL",
  "DEADLINE",
  "PREEMPTED",
]);

/** Whether a job in this state is over, unless somebody requeues it. */
export function isOver(state: SchedulerState): boolean {
  return OVER.has(state);
}

/** What the scheduler says of a job, or of one task of an array. */
export interface TaskReport {
  /** Id of the job; for a task, of its whole array. */
  job: string;
  /** Index in the array; absent for a job without one. */
  task?: number;
  /** `UNKNOWN` where the scheduler uses a word that is not in the list. */
  state: SchedulerState;
  /** The scheduler's own word, where `state` is `UNKNOWN`. */
  raw?: string;
  /** Why it waits or how it ended, in the scheduler's words (`Resources`, `QOSMaxJobsPerUser`). */
  reason?: string;
  /** Exit code of the batch script, 0–255; with a `signal` it says nothing more. */
  exitCode?: number;
  /** Signal that ended it, when one did. */
  signal?: number;
  /** Where it runs or ran, as a hostlist; absent while it waits. */
  nodes?: string;
  /** How often it was restarted. */
  restarts?: number;
  /** Seconds since 1970. */
  submitted?: number;
  /** While it waits: when it is to start by the scheduler's own estimate, in seconds since 1970. */
  expected?: number;
  /** Of the latest start, in seconds since 1970. */
  started?: number;
  /** In seconds since 1970; absent while it runs. */
  ended?: number;
  /** Which command or file said so. */
  source: string;
  /** Whether the scheduler will have forgotten this end in minutes. */
  fleeting?: boolean;
  /** With `UNKNOWN`: the word of each source, when every one answered and none has it. */
  denials?: Denial[];
}

/**
 * The answer for one job: its tasks, or that nobody could say, with the reason. `name` is the job's,
 * where the scheduler tells it: numbers are given out anew after a controller lost its memory.
 * `denials` is there only when every source answered, and none has the job.
 */
export type JobReport =
  | { known: true; tasks: TaskReport[]; name?: string }
  | { known: false; why: string; denials?: Denial[] };

/** A job, or with `task` one task of its array. */
export interface JobTarget {
  /** As `submit` returned it. */
  job: string;
  /** Index in the array; the whole job where it is absent. */
  task?: number;
}

/** When a job would start, or why it cannot. */
export type StartEstimate =
  | { kind: "start"; epoch: number; nodes?: string; source: string }
  | { kind: "refused"; reason: string; source: string }
  | { kind: "unknown"; why: string };

/** What decides which limits a job counts against; the scheduler's defaults where absent. */
export type JobScope = Pick<Resources, "account" | "partition" | "qos">;

/** Whose jobs count against a limit: those that fit everything given. */
export interface JobFilter {
  /** Only this user's jobs, and not everybody's. */
  own?: boolean;
  /** Jobs charged to one of these. */
  accounts?: string[];
  /** Jobs of this quality of service, or of the partitions that impose it. */
  qos?: { name: string; partitions: string[] };
}

/** How many jobs may be queued or running at once; each task of an array is one. */
export interface SubmitLimit {
  /** Unique, in the scheduler's words: `MaxSubmitJobsPerUser of QOS limited`. */
  name: string;
  /** Jobs and tasks. */
  max: number;
  /** The command that said so. */
  source: string;
  /** Whose jobs count. */
  counts: JobFilter;
}

/** What the scheduler lets one user submit. */
export interface SchedulerLimits {
  /** Highest number of tasks in one array, as `MaxArraySize - 1` in Slurm. */
  maxArrayTasks: number;
  /** All that hold for the job; empty where there is none, or none is known. */
  submit: SubmitLimit[];
  /** Why limits on submission are not known: there may be some. */
  unknown?: string;
  /** Whether `srun` starts processes in a job; it does unless told. */
  steps?: boolean;
}

/** What there is to run on. */
export interface Topology {
  /** CPUs and GPUs that each node has in all, busy or not. */
  nodes: { name: string; cpus: number; gpus: number }[];
}

/** Tasks of arrays that need an answer of their own, by id of the job. */
export type WantedTasks = ReadonlyMap<string, readonly number[]>;

/** Everything expflow asks of a scheduler. Slurm and local pass one conformance suite. */
export interface Scheduler {
  /** `local`, `slurm`, …; it is recorded in each submission. */
  readonly name: string;
  /** Submits; the id is the scheduler's. Throws a `SchedulerError`; see `findByName` after a doubt. */
  submit(request: JobRequest): Promise<string>;
  /** Ids of the jobs with exactly this name, finished ones too. Throws when it cannot tell. */
  findByName(jobName: string, since?: number): Promise<string[]>;
  /** One answer for each id asked for; a failed query gives `known: false`, never an empty answer. */
  states(ids: string[], wanted?: WantedTasks): Promise<Map<string, JobReport>>;
  /** Cancels exactly these; what is over or not known is left alone. */
  cancel(targets: JobTarget[]): Promise<void>;
  /** Runs a job or task from its start once more, under the same id. */
  requeue(target: JobTarget): Promise<void>;
  /** When a job would start if it were submitted now. Submits nothing. */
  testStart(request: JobRequest): Promise<StartEstimate>;
  /** How large an array may be here, and how many jobs like this one may be queued. */
  limits(scope?: JobScope): Promise<SchedulerLimits>;
  /** How many jobs and tasks fit each of these now. Throws when it cannot tell. */
  countQueued(filters: readonly JobFilter[]): Promise<number[]>;
  /** The nodes this scheduler has. */
  topology(): Promise<Topology>;
}
