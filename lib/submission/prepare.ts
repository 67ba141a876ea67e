import { join } from "node:path";
import type { Experiment, RunSpec } from "../core/experiment.ts";
import { sha256 } from "../core/fingerprint.ts";
import type { ScriptModel } from "../script/model.ts";
import { renderScript } from "../script/render.ts";
import type { SiteScript } from "../script/site.ts";
import type { CodeRecord } from "../store/code_record.ts";
import type { Layout } from "../store/layout.ts";
import { type Plan, PLAN_VERSION, type PlannedChunk } from "../store/plan.ts";
import { logPattern, planChunks } from "./chunks.ts";
import { type Selected, stageFingerprints } from "./select.ts";

/** Everything a submission is made of. */
export interface Preparation {
  experiment: Experiment;
  /** Stage → what the site wants of its scripts. */
  scripts: Record<string, SiteScript>;
  submission: string;
  selected: Selected;
  code: CodeRecord;
  /** Working directory of the command, in the snapshot or in place. */
  workdir: string;
  provenance: Record<string, string>;
  scheduler: string;
  maxArrayTasks: number;
  /** Random part of the job names. */
  token: string;
  user: string;
  host: string;
  versions: Record<string, string>;
  /** Seconds since 1970. */
  created: number;
  decisions: string[];
}

/** A submission as files: names in its folder, and what is in them. */
export interface Prepared {
  plan: Plan;
  files: Map<string, string>;
}

/** Makes plan, runs and scripts of a submission; touches nothing. */
export function prepareSubmission(layout: Layout, preparation: Preparation): Prepared {
  const { experiment, submission, selected } = preparation;
  const chunks = planChunks(experiment, selected.work, preparation);
  const plan: Plan = {
    version: PLAN_VERSION,
    experiment: experiment.id,
    submission,
    created: preparation.created,
    user: preparation.user,
    host: preparation.host,
    versions: preparation.versions,
    scheduler: preparation.scheduler,
    config: experiment,
    provenance: preparation.provenance,
    stages: stageFingerprints(experiment.stages),
    chunks,
    code: preparation.code,
    decisions: preparation.decisions,
  };
  const files = new Map<string, string>();
  const runs = new Map(selected.runs.map((run) => [run.index, run]));
  for (const chunk of chunks) {
    const model = scriptModel(layout, preparation, chunk, runs);
    const { text, table } = renderScript(model);
    files.set(chunk.script, text);
    if (table !== undefined) files.set(tableName(chunk), table);
  }
  files.set("plan.json", `${JSON.stringify(plan, null, 2)}\n`);
  files.set("runs.jsonl", selected.runs.map((run) => `${JSON.stringify(run)}\n`).join(""));
  files.set("manifest.sha256", manifestOf(files));
  return { plan, files };
}

function tableName(chunk: PlannedChunk): string {
  return chunk.script.replace(/\.sbatch$/, ".table");
}

function manifestOf(files: ReadonlyMap<string, string>): string {
  return [...files].map(([name, text]) => `${sha256(text)}  ${name}\n`).join("");
}

function scriptModel(
  layout: Layout,
  { experiment, scripts, submission, workdir, code }: Preparation,
  chunk: PlannedChunk,
  runs: ReadonlyMap<number, RunSpec>,
): ScriptModel {
  const stage = experiment.stages.find(({ name }) => name === chunk.stage)!;
  const folder = layout.submission(experiment.id, submission);
  return {
    experiment: experiment.id,
    submission,
    stage: chunk.stage,
    jobName: chunk.jobName,
    command: stage.command,
    args: stage.args,
    after: chunk.after.map(({ stage, type, submission: earlier }) => ({
      stage,
      type,
      events: join(layout.state(experiment.id, earlier ?? submission), "events"),
    })),
    fresh: stage.after.length === 0,
    resources: stage.resources,
    environment: stage.environment,
    site: scripts[stage.name],
    paths: {
      workdir,
      code: code.mode === "snapshot" ? join(folder, "code") : workdir,
      runs: layout.runs(experiment.id),
      state: layout.state(experiment.id, submission),
      log: join(layout.submissionLogs(experiment.id, submission), logPattern(chunk)),
      table: join(folder, tableName(chunk)),
    },
    runs: chunk.runs.map((index, position) => ({
      index,
      attempt: chunk.attempts[position]!,
      params: runs.get(index)!.params,
    })),
    array: chunk.array,
    base: chunk.base,
  };
}
