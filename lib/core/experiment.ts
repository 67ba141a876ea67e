import type { Params, ParamValue } from "./params.ts";

/** What a job asks for, in sbatch's words (`--cpus-per-task` → `cpus_per_task`). */
export interface Resources {
  partition?: string;
  account?: string;
  qos?: string;
  /** As sbatch takes it: `02:00:00`, `1-12`, minutes; `2h` too. */
  time?: string;
  nodes?: number;
  ntasks?: number;
  ntasks_per_node?: number;
  cpus_per_task?: number;
  mem?: string;
  mem_per_cpu?: string;
  mem_per_gpu?: string;
  /** GPUs a node. */
  gpus?: number;
  /** `a100`, `h100`, … as the site names it. */
  gpu_type?: string;
  constraint?: string;
  nodelist?: string;
  exclude?: string;
  exclusive?: boolean;
  reservation?: string;
  /** Warning before the time limit, `USR1@120`. */
  signal?: string;
  requeue?: boolean;
  comment?: string;
  mail_user?: string;
  mail_type?: string;
  /** At most this many runs of the sweep at once (`%` of `--array`). */
  max_parallel?: number;
  /** Any further options of sbatch, `--name=value` each. */
  sbatch?: string[];
}

/** A container that the command runs in. */
export interface ContainerSpec {
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
  purge: boolean;
  /** Name or path of a conda environment. */
  conda?: string;
  /** Path of a virtual environment. */
  venv?: string;
  /** Project folder for `uv run`; `.` is the working directory. */
  uv?: string;
  container?: ContainerSpec;
  /** Exported to the program, values as they are. */
  env: Record<string, string>;
  /** Variable → file whose content becomes its value when the job runs; never written elsewhere. */
  secrets: Record<string, string>;
  /** Lines of bash run before the command. */
  setup: string[];
}

/** How parameters are appended to the command. */
export type ArgsStyle = "argparse" | "hydra" | "none";

/** How one stage waits for another, run by run. */
export interface StageDependency {
  stage: string;
  type: "afterok" | "afterany";
}

/** A step of an experiment. */
export interface Stage {
  name: string;
  /** Bash, with placeholders such as `{params.lr}`. */
  command: string;
  args: ArgsStyle;
  after: StageDependency[];
  resources: Resources;
  environment: EnvironmentSpec;
}

/** The part of an experiment that spans runs: the product of its factors, seeds innermost. */
export interface Sweep {
  /** Parameter (dotted key) → values; the last one varies fastest. */
  grid: Record<string, ParamValue[]>;
  /** Explicit points, each a set of parameters. */
  list: Params[];
  /** Replicates: the value of the parameter `seed_key` in each. */
  seeds: number[];
  seed_key: string;
}

/** What `harvest` reads from a run's folder. Without any, the default files are looked for. */
export interface HarvestSpec {
  files: HarvestFile[];
  /** Metric → whether lower or higher is better. Guessed from its name unless told. */
  direction: Record<string, "min" | "max">;
}

/** One source of metrics. */
export interface HarvestFile {
  /** Relative to the run's folder; for `regex`, `stdout` or `stderr` of the stage too. */
  path: string;
  format: "json" | "jsonl" | "csv" | "regex";
  /** `regex` only: metric → expression with one group; the last match counts. */
  patterns: Record<string, string>;
  /** Names to keep; all when empty. */
  metrics: string[];
  /** Whether a run without this file is an error of the harvest. */
  required: boolean;
}

/** An experiment, everything resolved: templates merged, defaults filled in, stages in order. */
export interface Experiment {
  id: string;
  description: string;
  tags: string[];
  params: Params;
  stages: Stage[];
  sweep?: Sweep;
  harvest: HarvestSpec;
  /** Where commands run, absolute. The code repository is found from here. */
  workdir: string;
  /** Whether jobs run a snapshot of the code. */
  snapshot: boolean;
}

/** One parameter point of an experiment, as its sweep expands. */
export interface RunPoint {
  params: Params;
  seed?: number;
}

/** A run: a point with its place in the experiment. */
export interface RunSpec extends RunPoint {
  index: number;
  fingerprint: string;
  /** Number of this execution: 1, and one more for each earlier one. */
  attempt: number;
}
