import { join } from "node:path";
import { DEFAULT_MAX_RESTARTS, type Experiment, type RunSpec } from "../core/experiment.ts";
import { sha256 } from "../core/fingerprint.ts";
import { jobResources } from "../core/packing.ts";
import type { ScriptModel } from "../script/model.ts";
import { renderScript } from "../script/render.ts";
import type { CodeRecord } from "../store/code_record.ts";
import type { Layout } from "../store/layout.ts";
import { type Plan, PLAN_VERSION, type PlannedChunk, type RetryRecord } from "../store/plan.ts";
import type { ReproducibilityRecord } from "../store/reproducibility_record.ts";
import { logPattern, planChunks } from "./chunks.ts";
import { packingDecisions } from "./packing_decisions.ts";
import { type TaskRuns, tasksOf } from "./packs.ts";
import { sitedJob, type SitedJobs } from "./resources.ts";
import { type Selected, stageFingerprints, type StageWork } from "./select.ts";

/** Everything a submission is made of. */
export interface Preparation {
  experiment: Experiment;
  /** What its jobs are at the site they are written for. */
  sited: SitedJobs;
  submission: string;
  selected: Selected;
  code: CodeRecord;
  /** Working directory of the command, in the snapshot or in place. */
  workdir: string;
  provenance: Record<string, string>;
  scheduler: string;
  maxArrayTasks: number;
  /** Stage → how many of its jobs may be queued at once; absent where that is not limited. */
  submitLimits?: ReadonlyMap<string, number>;
  /** Random part of the job names. */
  token: string;
  user: string;
  host: string;
  scratch?: string;
  versions: Record<string, string>;
  /** Seconds since 1970. */
  created: number;
  decisions: string[];
  reproducibility: ReproducibilityRecord;
  /** Where it retries runs that failed. */
  retry?: RetryRecord;
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
    decisions: [
      ...preparation.decisions,
      ...packingDecisions(experiment, chunks),
      ...continued(selected.work),
    ],
    reproducibility: preparation.reproducibility,
    ...preparation.retry ? { retry: preparation.retry } : {},
  };
  const files = new Map<string, string>();
  const runs = new Map(selected.runs.map((run) => [run.index, run]));
  const work = new Map(selected.work.map((item) => [`${item.run}.${item.stage}`, item]));
  for (const [script, carried] of Map.groupBy(chunks, ({ script }) => script)) {
    const chunk = union(carried);
    const tasks = carried.flatMap(tasksOf);
    const model = scriptModel(layout, preparation, chunk, tasks, { runs, work });
    const { text, table } = renderScript(model);
    files.set(script, text);
    if (table !== undefined) files.set(tableName(chunk), table);
  }
  files.set("plan.json", `${JSON.stringify(plan, null, 2)}\n`);
  files.set("runs.jsonl", selected.runs.map((run) => `${JSON.stringify(run)}\n`).join(""));
  files.set("manifest.sha256", manifestOf(files));
  return { plan, files };
}

/** All that one script carries, as if it were one job. */
function union(chunks: readonly PlannedChunk[]): PlannedChunk {
  const [first] = chunks as [PlannedChunk];
  if (chunks.length === 1) return first;
  const attempts = new Map(
    chunks.flatMap(({ runs, attempts }) => runs.map((run, at) => [run, attempts[at]!] as const)),
  );
  const runs = [...attempts.keys()].sort((a, b) => a - b);
  return { ...first, runs, attempts: runs.map((run) => attempts.get(run)!) };
}

/** Says which runs go on where they ended. */
function continued(work: readonly StageWork[]): string[] {
  return work.flatMap(({ run, stage, continues }) =>
    continues
      ? [`${stage} of run ${run} continues from ${continues.from ?? "its newest checkpoint"}`]
      : []
  );
}

function tableName(chunk: PlannedChunk): string {
  return chunk.script.replace(/\.sbatch$/, ".table");
}

function manifestOf(files: ReadonlyMap<string, string>): string {
  return [...files].map(([name, text]) => `${sha256(text)}  ${name}\n`).join("");
}

function scriptModel(
  layout: Layout,
  { experiment, sited, submission, workdir, code, scratch }: Preparation,
  chunk: PlannedChunk,
  tasks: TaskRuns[],
  { runs, work }: {
    runs: ReadonlyMap<number, RunSpec>;
    work: ReadonlyMap<string, StageWork>;
  },
): ScriptModel {
  const largest = Math.max(...tasks.map(({ runs }) => runs.length));
  const stage = experiment.stages.find(({ name }) => name === chunk.stage)!;
  const job = sitedJob(sited, experiment, stage, chunk.group);
  const folder = layout.submission(experiment.id, submission);
  return {
    experiment: experiment.id,
    submission,
    stage: chunk.stage,
    jobName: chunk.jobName,
    command: stage.command,
    args: stage.args,
    launcher: stage.launcher,
    after: chunk.after.filter((before) => before.stage !== chunk.stage).map((
      { stage, type, submission: earlier },
    ) => ({
      stage,
      type,
      events: join(layout.state(experiment.id, earlier ?? submission), "events"),
    })),
    fresh: stage.after.length === 0,
    resources: { ...jobResources(job.resources, largest), max_parallel: chunk.throttle },
    resuming: {
      mode: stage.resume,
      maxRestarts: stage.max_restarts ?? DEFAULT_MAX_RESTARTS,
      checkpoint: stage.checkpoint,
      link: chunk.link,
    },
    environment: job.environment,
    site: job.site,
    paths: {
      workdir,
      shared: scratch === undefined ? [layout.root] : [scratch, layout.root],
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
      continues: work.get(`${index}.${chunk.stage}`)?.continues,
    })),
    array: chunk.array,
    base: chunk.base,
    ...chunk.pack
      ? {
        pack: {
          atOnce: chunk.pack.atOnce,
          tasks,
          log: join(layout.submissionLogs(experiment.id, submission), chunk.stage),
        },
      }
      : {},
  };
}
