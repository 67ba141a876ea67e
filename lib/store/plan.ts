import { join } from "node:path";
import { ConfigError, NotFoundError } from "../core/errors.ts";
import type { Experiment, RunSpec } from "../core/experiment.ts";
import { namesIn, readIfThere } from "../system/files.ts";
import type { CodeRecord } from "./code_record.ts";
import type { Layout } from "./layout.ts";

/** Version of the files of a submission. A newer one is refused, never guessed at. */
export const PLAN_VERSION = 1;

/** One job of a submission: a stage over some runs. */
export interface PlannedChunk {
  stage: string;
  chunk: number;
  /** Unique in the cluster: the job is found again by it. */
  jobName: string;
  /** File name in the submission's folder. */
  script: string;
  array: boolean;
  /** Task id = index - base. */
  base: number;
  /** Indices of the runs. */
  runs: number[];
  /** Attempt number of each run, in the same order. */
  attempts: number[];
  /** Chunks of this submission, and jobs of earlier ones, that this one waits for. */
  after: ChunkDependency[];
}

/** What a chunk waits for. */
export interface ChunkDependency {
  stage: string;
  type: "afterok" | "afterany";
  /** Whether task n waits for task n, and not for the whole job. */
  taskwise: boolean;
  /** A chunk of the same submission … */
  chunk?: number;
  /** … or a job of an earlier one, with its folder of markers. */
  job?: string;
  submission?: string;
}

/** `plan.json`: what was submitted, by whom, from which code. Immutable. */
export interface Plan {
  version: number;
  experiment: string;
  submission: string;
  /** Seconds since 1970. */
  created: number;
  user: string;
  host: string;
  versions: Record<string, string>;
  scheduler: string;
  config: Experiment;
  /** Where each value of the configuration came from: dotted key → place. */
  provenance: Record<string, string>;
  /** Stage → fingerprint of its command and of the stages it comes after. */
  stages: Record<string, string>;
  chunks: PlannedChunk[];
  code: CodeRecord;
  decisions: string[];
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

/** Ids that have been submitted at least once. */
export function listSubmitted(layout: Layout): string[] {
  return namesIn(layout.submissions).filter((name) => listSubmissions(layout, name).length > 0)
    .sort();
}

/** The name after the newest submission. */
export function nextSubmission(existing: readonly string[]): string {
  return String(Number(existing.at(-1) ?? 0) + 1).padStart(3, "0");
}

/** Reads one submission. */
export function readSubmission(layout: Layout, id: string, submission: string): Submission {
  const folder = layout.submission(id, submission);
  const text = readIfThere(join(folder, "plan.json"));
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
  const runs = (readIfThere(join(folder, "runs.jsonl")) ?? "").split("\n").filter(Boolean)
    .map((line) => JSON.parse(line) as RunSpec);
  return { plan, runs };
}
