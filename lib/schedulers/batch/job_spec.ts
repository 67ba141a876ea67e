import type { DependencyType } from "../scheduler.ts";

/** What this machine has to give. */
export interface Machine {
  cpus: number;
  /** Indices, as CUDA_VISIBLE_DEVICES takes them. */
  gpus: number[];
}

/** The signal before the time limit (`--signal`). */
export interface Warning {
  /** `SIGUSR1` */
  signal: string;
  /** Seconds before the limit. */
  before: number;
  /** Whether only the batch shell gets it (`B:`); else all of the job's processes but that shell. */
  batchOnly: boolean;
}

/** A dependency on a whole job, or with `aftercorr` task by task. */
export interface Dependency {
  type: DependencyType;
  job: number;
}

/** A submitted job: everything its script and its submission said. Immutable, `job.json`. */
export interface JobSpec {
  version: 1;
  name: string;
  /** What runs the script, from its first line: `["/bin/bash", "-l"]`. */
  interpreter: string[];
  /** Seconds since 1970. */
  submitted: number;
  submitFolder: string;
  submitHost: string;
  /** Variables a task gets beside SLURM_*. */
  environment: Record<string, string>;
  /** Absolute. */
  chdir: string;
  /** Pattern; the default when absent. */
  output?: string;
  /** Pattern; the same file as `output` when absent. */
  error?: string;
  openMode: "append" | "truncate";
  /** Value of `--array`. */
  array?: string;
  ntasks: number;
  /** Only when asked for. */
  cpusPerTask?: number;
  /** Slots that one task takes. */
  cpus: number;
  gpus: number;
  /** Seconds; none when absent. */
  timeLimit?: number;
  warning?: Warning;
  /** Whether a task whose processes vanished runs again. */
  requeue: boolean;
  dependencies: Dependency[];
  /** What was ignored or changed. */
  notes: string[];
}
