import { join } from "node:path";
import { ConfigError, NotFoundError } from "../core/errors.ts";
import type { FailureClass } from "../core/failures.ts";
import type { Experiment, RunSpec } from "../core/experiment.ts";
import type { Resources } from "../core/resources.ts";
import { exists, namesIn, readIfThere } from "../system/files.ts";
import { archivedIds } from "./archive_record.ts";
import type { CodeRecord } from "./code_record.ts";
import type { Layout } from "./layout.ts";
import type { ReproducibilityRecord } from "./reproducibility_record.ts";

/** Version of the files of a submission. A newer one is refused, never guessed at. */
export const PLAN_VERSION = 1;

/** One job of a submission: a stage over some runs. */
export interface PlannedChunk {
  /** The stage that it executes. */
  stage: string;
  /** Position in the plan, from 0. */
  chunk: number;
  /** Unique in the cluster: the job is found again by it. */
  jobName: string;
  /** File name in the submission's folder. */
  script: string;
  /** Whether the script carries other chunks too: name and tasks are then told at submission. */
  shared?: boolean;
  /** How runs share its tasks; each has one of its own where it is absent. */
  pack?: PlannedPack;
  /** At most so many of its tasks at once; no limit where it is absent. */
  throttle?: number;
  /** Whether the job is an array, with a task for each run. */
  array: boolean;
  /** Task id = index - base; of several runs that share a task, the index of the first. */
  base: number;
  /** Group of the sweep whose resources it has, where there is one. */
  group?: string;
  /** Indices of the runs. */
  runs: number[];
  /** Attempt number of each run, in the same order. */
  attempts: number[];
  /** Of a chain: which of its jobs this is, from 1; each waits for the end of the one before. */
  link?: number;
  /** Chunks of this submission, and jobs of earlier ones, that this one waits for. */
  after: ChunkDependency[];
}

/** How the runs of a chunk share its tasks: the first `runsPerJob` the first one, and so on. */
export interface PlannedPack {
  /** Runs in one task; the last one may have fewer. */
  runsPerJob: number;
  /** So many of them at the same time. */
  atOnce: number;
  /** Runs that go on where an earlier attempt ended; absent where none does. */
  continues?: number[];
}

/** What a chunk waits for. */
export interface ChunkDependency {
  /** The stage that comes before. */
  stage: string;
  /** Whether that one must have succeeded, or only ended. */
  type: "afterok" | "afterany";
  /** Whether task n waits for task n, and not for the whole job. */
  taskwise: boolean;
  /**
   * The scheduler is asked for `afterany` whatever `type` says, as jobs carry several runs: the script
   * looks at the markers of each.
   */
  guarded?: boolean;
  /** A chunk of the same submission … */
  chunk?: number;
  /** … or a job of an earlier one, with its folder of markers. */
  job?: string;
  /** The submission that `job` is from. */
  submission?: string;
}

/** `plan.json`: what was submitted, by whom, from which code. Immutable. */
export interface Plan {
  /** Of this file's format; a newer one is refused. */
  version: number;
  /** Id of the experiment. */
  experiment: string;
  /** `001`, `002`, …; counted for each experiment. */
  submission: string;
  /** Seconds since 1970. */
  created: number;
  /** Who submitted it. */
  user: string;
  /** The machine it was submitted from. */
  host: string;
  /** Program → version: `expflow`, `deno`. */
  versions: Record<string, string>;
  /** Name of the scheduler that got the jobs. */
  scheduler: string;
  /** The whole configuration, resolved, as it was submitted. */
  config: Experiment;
  /** Where each value of the configuration came from: dotted key → place. */
  provenance: Record<string, string>;
  /** Stage → fingerprint of its command and of the stages it comes after. */
  stages: Record<string, string>;
  /** Its jobs, in the order of submission. */
  chunks: PlannedChunk[];
  /** The code that its jobs run. */
  code: CodeRecord;
  /** What expflow decided in the user's place, one line each. */
  decisions: string[];
  /** What decides whether results can be compared; absent in plans of older versions. */
  reproducibility?: ReproducibilityRecord;
  /** Present where it retries runs that failed. */
  retry?: RetryRecord;
}

/** Why a submission retries its runs, and with what change. */
export interface RetryRecord {
  /** What they failed of. */
  class: FailureClass;
  /** The stage that failed. */
  stage: string;
  /** Whether a person asked for it, and not the policy. */
  asked: boolean;
  /** What that stage asks for in the place of what the experiment says. */
  resources: Resources;
  /** What is other than it was, one line each; parameters only where its runs are children. */
  changes: string[];
}

/** A submission as it lies on disk. */
export interface Submission {
  plan: Plan;
  runs: RunSpec[];
}

/** Submissions of an experiment, oldest first. */
export function listSubmissions(layout: Layout, id: string): string[] {
  return namesIn(join(layout.submissions, id)).filter((name) => /^\d{3,}$/.test(name))
    .sort((a, b) => Number(a) - Number(b));
}

/** Ids that have been submitted at least once; also of what is archived. */
export function listSubmitted(layout: Layout): string[] {
  const ids = archivedIds(layout);
  for (const name of namesIn(layout.submissions)) {
    if (!ids.has(name) && listSubmissions(layout, name).length > 0) ids.add(name);
  }
  return [...ids].sort();
}

/** The name after the newest submission. */
export function nextSubmission(existing: readonly string[]): string {
  return String(Number(existing.at(-1) ?? 0) + 1).padStart(3, "0");
}

/** Every submission of an experiment, oldest first. */
export function readSubmissions(layout: Layout, id: string): Submission[] {
  return listSubmissions(layout, id).flatMap((name) => readSubmission(layout, id, name) ?? []);
}

/** The plans of an experiment without their runs, oldest first. */
export function readPlans(layout: Layout, id: string): Plan[] {
  return listSubmissions(layout, id).flatMap((name) => readPlan(layout, id, name) ?? []);
}

/** Reads one submission; `undefined` when it was withdrawn meanwhile, as the scheduler refused it. */
function readSubmission(layout: Layout, id: string, submission: string): Submission | undefined {
  const plan = readPlan(layout, id, submission);
  if (plan === undefined) return undefined;
  const file = join(layout.submission(id, submission), "runs.jsonl");
  const lines = (readIfThere(file) ?? "").trimEnd();
  const runs = JSON.parse(`[${lines.replaceAll("\n", ",")}]`) as RunSpec[];
  return { plan, runs };
}

/** The plan of a submission; `undefined` where there is none of this number. */
export function readPlan(layout: Layout, id: string, submission: string): Plan | undefined {
  const folder = layout.submission(id, submission);
  const text = readIfThere(join(folder, "plan.json"));
  if (text === undefined && !exists(folder)) return undefined;
  if (text === undefined) {
    throw new NotFoundError(`Cannot read submission ${id}/${submission}: ${folder} has no plan`, {
      hint: "a submission's folder is immutable: restore it, or remove it whole",
    });
  }
  const plan = JSON.parse(text) as Plan;
  if (plan.version > PLAN_VERSION) {
    throw new ConfigError(
      `Cannot read ${folder}/plan.json: it has version ${plan.version}, this expflow knows ${PLAN_VERSION}`,
      { hint: "use the expflow that wrote it, or a newer one" },
    );
  }
  return plan;
}
