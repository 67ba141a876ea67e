import type {
  ArgsStyle,
  CheckpointSpec,
  EnvironmentSpec,
  LauncherSpec,
  Resources,
  ResumeMode,
  StageDependency,
} from "../core/experiment.ts";
import type { Params } from "../core/params.ts";
import type { SiteScript } from "./site.ts";

/** One run as a script needs it. */
export interface ScriptRun {
  index: number;
  attempt: number;
  params: Params;
  /**
   * Present in an attempt that goes on where an earlier one ended: its folder stays, and it starts
   * from the newest checkpoint, or from the one at `from`.
   */
  continues?: { from?: string };
}

/** How a stage goes on after its time limit, a preemption or the loss of a node. */
export interface Resuming {
  mode?: ResumeMode;
  /** How often a job requeues itself. */
  maxRestarts: number;
  checkpoint?: CheckpointSpec;
  /** Of a chain: which of its jobs this is, from 1. */
  link?: number;
}

/** Folders that a script embeds; all absolute. */
export interface ScriptPaths {
  /** Working directory of the command: in the snapshot, or in place. */
  workdir: string;
  /** Folders that a container sees beside these: the project, scratch. */
  shared?: string[];
  /** Top of the code: of the snapshot, or the repository in place; `workdir` unless told. */
  code?: string;
  /** Holds one folder a run, `<runs>/<index>`. */
  runs: string;
  /** `events/` and `claims/` of the submission are in here. */
  state: string;
  /**
   * Where the scheduler puts the output of the job: this path with `.out` and `.err` behind it. It
   * holds `%a` for an array.
   */
  log: string;
  /** The table of values, where it is too large to embed; beside the script. */
  table: string;
}

/** Top of the code that a job runs. */
export function codeFolder({ code, workdir }: ScriptPaths): string {
  return code ?? workdir;
}

/** How the runs of a script share its tasks. */
export interface ScriptPack {
  /** So many runs of a task at the same time. */
  atOnce: number;
  /** Each task with its runs, in order; a job that is no array has one. */
  tasks: { task: number; runs: number[] }[];
  /** The output of a run goes here, with `.<index>.out` and `.<index>.err` behind it. */
  log: string;
}

/** A stage that must have succeeded (or only ended) for the same run before this one starts. */
export interface ScriptDependency extends StageDependency {
  /** Folder with the markers of that stage; it may be another submission's. */
  events: string;
}

/** Everything a batch script of one stage and one chunk of runs depends on. */
export interface ScriptModel {
  experiment: string;
  submission: string;
  stage: string;
  /** Unique name of the job; how it is found again after a doubt. */
  jobName: string;
  command: string;
  args: ArgsStyle;
  launcher?: LauncherSpec;
  after: ScriptDependency[];
  /**
   * Whether a first start (no restart) with attempt > 1 moves what an earlier attempt left in the
   * run's folder aside, to `<runs>/.previous/<index>.<epoch>`, so that results never mix.
   */
  fresh: boolean;
  resources: Resources;
  /** Absent: only the scheduler restarts it, and its program finds checkpoints itself. */
  resuming?: Resuming;
  environment: EnvironmentSpec;
  /** What the site wants beside the resources; nothing unless told. */
  site?: SiteScript;
  paths: ScriptPaths;
  /** Runs of this chunk, by rising index. */
  runs: ScriptRun[];
  /**
   * Whether the job is an array. Task ids are `index - base`; without one and without a `pack`, `runs`
   * has one entry.
   */
  array: boolean;
  base: number;
  /** Absent where each run has a job or task of its own. */
  pack?: ScriptPack;
}

/** What rendering gives: the script, and the table beside it when it is too large to embed. */
export interface RenderedScript {
  text: string;
  table?: string;
}
