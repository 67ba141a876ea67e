import type { Params } from "./params.ts";
import type { Resources } from "./resources.ts";
import type { RetryPolicy } from "./retry.ts";
import type { SearchSpec } from "./search.ts";
import type { Sweep } from "./sweep.ts";

export type { Resources } from "./resources.ts";
export type { Sweep } from "./sweep.ts";

/** A container that the command runs in. */
export interface ContainerSpec {
  /** Path of a `.sif` file, or `docker://name:tag`. */
  image: string;
  /** `singularity` or `apptainer`; found on PATH unless told. */
  runtime?: "singularity" | "apptainer";
  /** `image.ext3:ro`, `data.sqsh:ro`, … */
  overlays: string[];
  /** `source[:destination[:ro]]` */
  binds: string[];
  /** `--nv`; on when GPUs are asked for, unless told. */
  nv?: boolean;
}

/** What is prepared before the command, in this order: modules, Python environment, variables. */
export interface EnvironmentSpec {
  /** `module load` each; `purge` first unless told. */
  modules: string[];
  /** Whether `module purge` runs first, so that nothing of the login shell is inherited. */
  purge: boolean;
  /** Name or path of a conda environment. */
  conda?: string;
  /** Path of a virtual environment. */
  venv?: string;
  /** Project folder for `uv run`; `.` is the working directory. */
  uv?: string;
  /** Absent when the command runs on the node itself. */
  container?: ContainerSpec;
  /** Exported to the program, values as they are. */
  env: Record<string, string>;
  /** Variable → file whose content becomes its value when the job runs; never written elsewhere. */
  secrets: Record<string, string>;
  /** Lines of bash run before the command. */
  setup: string[];
}

/** Programs that start a command many times over, on one node or several. */
export const LAUNCHERS = ["srun", "torchrun", "accelerate", "mpirun"] as const;

/** How a command is started as several processes that find each other. */
export interface LauncherSpec {
  /** What starts the processes. */
  kind: "srun" | "torchrun" | "accelerate" | "mpirun";
  /** torchrun and accelerate: `gpus`, else `ntasks_per_node`, else 1, unless told. */
  processes_per_node?: number;
  /** `srun --mpi`: `pmix`, `pmi2`, … as `srun --mpi=list` names them. */
  mpi?: string;
  /** Further options of the launcher, a word each. */
  options: string[];
}

/** How parameters are appended to the command. */
export type ArgsStyle = "argparse" | "hydra" | "none";

/** How one stage waits for another, run by run. */
export interface StageDependency {
  /** Name of the stage that comes before. */
  stage: string;
  /** `afterok`: that one must have succeeded. `afterany`: it must have ended. */
  type: "afterok" | "afterany";
}

/**
 * What becomes of a run that its time limit, preemption or a node ended. `requeue`: its job puts
 * itself back into the queue before the limit. `resubmit`: the next submission continues it.
 * `off`: nothing by itself.
 */
export type ResumeMode = "requeue" | "resubmit" | "off";

/** Where a program leaves its checkpoints, and how it is told to start from one. */
export interface CheckpointSpec {
  /**
   * In the run's folder, or absolute with `{run.index}` in it. With a slash at its end, or empty, a
   * folder; else a pattern with `*` and `?`.
   */
  path: string;
  /** Parameter that takes the path of the checkpoint; absent: only `EXPFLOW_CHECKPOINT` has it. */
  param?: string;
}

/** A step of an experiment. */
export interface Stage {
  /** Letters, digits, `_` and `-`; it is part of file names. A plain `command` is `train`. */
  name: string;
  /** Bash, with placeholders such as `{params.lr}`. */
  command: string;
  /** Whether and how parameters are added behind the command. */
  args: ArgsStyle;
  /** Absent where the command runs once, on the first node of its job. */
  launcher?: LauncherSpec;
  /** Empty for a stage that starts at once. */
  after: StageDependency[];
  /** Those of the experiment, with the stage's own laid over them. */
  resources: Resources;
  /** That of the experiment, with the stage's own laid over it. */
  environment: EnvironmentSpec;
  /** Absent: the site decides whether it is requeued, and a new attempt starts from nothing. */
  resume?: ResumeMode;
  /** How often expflow continues it by itself; {@linkcode DEFAULT_MAX_RESTARTS} where absent. */
  max_restarts?: number;
  /** Absent: the program finds its checkpoints itself. */
  checkpoint?: CheckpointSpec;
  /** At most this many jobs one after the other, for a training longer than the time limit. */
  chain?: number;
}

/** How often a run is continued without a person, where nothing else is said. */
export const DEFAULT_MAX_RESTARTS = 10;

/** What `harvest` reads from a run's folder. Without any, the default files are looked for. */
export interface HarvestSpec {
  /** Of two that hold one metric, the first counts. */
  files: HarvestFile[];
  /** Metric → whether lower or higher is better. Guessed from its name unless told. */
  direction: Record<string, "min" | "max">;
  /** Patterns of files in the run's folder that are registered with their SHA-256, whatever their size. */
  artifacts?: string[];
}

/** Nothing is declared: the files that programs usually write. */
export const USUAL_FILES: HarvestSpec = { files: [], direction: {} };

/** Ways to write results that expflow can read, as `format:` names them. */
export type HarvestFormat =
  | "json"
  | "jsonl"
  | "csv"
  | "regex"
  | "lightning"
  | "trainer"
  | "tensorboard"
  | "wandb"
  | "mlflow"
  | "hydra";

/** Every {@linkcode HarvestFormat}. */
export const HARVEST_FORMATS = [
  "json",
  "jsonl",
  "csv",
  "regex",
  "lightning",
  "trainer",
  "tensorboard",
  "wandb",
  "mlflow",
  "hydra",
] as const satisfies readonly HarvestFormat[];

/** One source of metrics. */
export interface HarvestFile {
  /**
   * Relative to the run's folder; `*` stands for a part of a name. For `regex`, `stdout` or `stderr`
   * of the stage too; for formats of several files (`tensorboard`, …) a folder.
   */
  path: string;
  /** By the extension of `path` unless told. */
  format: HarvestFormat;
  /** `regex` only: metric → expression with one group; the last match counts. */
  patterns: Record<string, string>;
  /** Names to keep; all when empty. */
  metrics: string[];
  /** Whether a run without this file is an error of the harvest. */
  required: boolean;
}

/** An experiment, everything resolved: templates merged, defaults filled in, stages in order. */
export interface Experiment {
  /** Name of its file, without `.yaml`. */
  id: string;
  /** Empty when none was given. */
  description: string;
  /** Words to find it by. */
  tags: string[];
  /** What every run gets; a sweep replaces some of them. */
  params: Params;
  /** At least one, each behind those it comes after. */
  stages: Stage[];
  /** Absent for a single run. */
  sweep?: Sweep;
  /** Present where `search run` suggests the runs; there is no sweep then. */
  search?: SearchSpec;
  /** Where the program leaves its metrics. */
  harvest: HarvestSpec;
  /** Absent: nothing is retried by itself. */
  retry?: RetryPolicy;
  /** Where commands run, absolute. The code repository is found from here. */
  workdir: string;
  /** Whether jobs run a snapshot of the code. */
  snapshot: boolean;
  /** Present where it runs again what another run did, with the code of then. */
  reproduces?: ReproducedRun;
}

/** The run that an experiment reproduces. */
export interface ReproducedRun {
  /** `EXPERIMENT/INDEX` of the original. */
  run: string;
  /** The submission of it whose code is run. */
  submission: string;
}

/** One parameter point of an experiment, as its sweep expands. */
export interface RunPoint {
  /** All parameters of the run, those that are not swept too. */
  params: Params;
  /** Which replicate this is; it is in `params` as well. Absent without `seeds`. */
  seed?: number;
  /** Index of the run that failed and that this one retries with other parameters. */
  parent?: number;
  /** Named group of the sweep that it belongs to, where there is one. */
  group?: string;
}

/** A run: a point with its place in the experiment. */
export interface RunSpec extends RunPoint {
  /** From 0; a run keeps it when the sweep grows or its order changes. */
  index: number;
  /** 16 hexadecimal digits: the same for the same parameters and command. */
  fingerprint: string;
  /** Number of this execution: 1, and one more for each earlier one. */
  attempt: number;
}
