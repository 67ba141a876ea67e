import { join } from "node:path";
import type { Experiment, HarvestSpec } from "../core/experiment.ts";
import { flattenParams } from "../core/params.ts";
import type { Resources } from "../core/resources.ts";
import { registerArtifacts } from "../results/artifacts.ts";
import { type Harvest, harvestFolder } from "../results/harvest.ts";
import type { HarvestLogs } from "../results/locate.ts";
import type { MetricScalar, MetricValue, ResultRecord } from "../results/records.ts";
import { disagreements } from "../results/reported.ts";
import { RunFolder } from "../results/run_folder.ts";
import type { ExperimentStatus, RunStatus } from "../submission/status.ts";
import { resourcesIn } from "../submission/resources.ts";
import { exists } from "../system/files.ts";
import { type HarvestMemory, signatureOf } from "./harvest_memory.ts";
import { DEFAULT_HOOKS } from "./hooks.ts";
import { logFiles } from "./logs.ts";
import type { Project } from "./project.ts";

/** What of a record comes out of the run's files; the rest is known from its submission. */
type Found = Pick<
  ResultRecord,
  "metrics" | "reported" | "sources" | "formats" | "artifacts" | "problems"
>;

/** What is harvested, and what is known of it before. */
export interface Harvesting {
  project: Project;
  status: ExperimentStatus;
  experiment: Experiment;
  memory: HarvestMemory;
}

/** The record of a run, and whether its files had to be read for it. */
export interface HarvestedRun {
  record: ResultRecord;
  fresh: boolean;
}

/** Reads one run, or recalls what is known of it when none of its files changed. */
export async function harvestRun(harvesting: Harvesting, run: RunStatus): Promise<HarvestedRun> {
  const { project, status, experiment, memory } = harvesting;
  const folder = new RunFolder(project.layout.run(status.id, run.index));
  const logs = readsLogs(experiment.harvest) ? lastLogs(project, status.id, run) : {};
  const signature = readsFilesOnly(project)
    ? signatureOf(folder, { logs, spec: experiment.harvest, run, now: project.context.clock.now() })
    : undefined;
  const known = memory.recall(run.index, signature);
  const found = known ?? await read(harvesting, run, folder, logs);
  const { metrics, reported, sources, formats, artifacts, problems } = found;
  return {
    fresh: known === undefined,
    record: {
      experiment: status.id,
      run: run.index,
      state: run.state,
      seed: run.seed,
      params: Object.fromEntries(flattenParams(run.params)),
      reported,
      metrics,
      ...times(run),
      attempt: Math.max(...Object.values(run.stages).map((stage) => stage.attempt), 1),
      jobs: jobsOf(run),
      resources: resourcesOf(status, run),
      commit: commitOf(status, run),
      reproduces: status.plans.at(-1)?.config.reproduces?.run,
      sources,
      formats,
      artifacts,
      problems,
    },
  };
}

function readsLogs({ files }: HarvestSpec): boolean {
  return files.some(({ format, path }) =>
    format === "regex" && (path === "stdout" || path === "stderr")
  );
}

/** A manager's own function may read anything, so that nothing tells whether it changed. */
function readsFilesOnly({ hooks }: Project): boolean {
  return hooks.harvestResults === DEFAULT_HOOKS.harvestResults;
}

async function read(
  { project, experiment }: Harvesting,
  run: RunStatus,
  folder: RunFolder,
  logs: HarvestLogs,
): Promise<Found> {
  if (folder.missing) return { metrics: {}, sources: [], problems: [] };
  let found: Harvest | undefined;
  const read = () => found = harvestFolder(folder, { logs }, experiment.harvest);
  const { params } = run;
  const context = { experiment, run: run.index, folder: folder.root, params, read };
  const given = await project.hooks.harvestResults(context);
  const metrics = Object.entries(given).map(([name, value]) => [name, asMetric(value)] as const);
  const artifacts = registerArtifacts(
    folder,
    found?.files ?? [],
    experiment.harvest.artifacts ?? [],
  );
  const reported = found?.reported ?? {};
  const problems = [
    ...found?.problems ?? [],
    ...disagreements(Object.fromEntries(flattenParams(params)), reported),
    ...artifacts.problems,
  ];
  if (run.state === "completed" && metrics.length === 0) {
    problems.push(`no metrics were found in ${folder.root}`);
  }
  return {
    metrics: Object.fromEntries(metrics),
    reported: Object.keys(reported).length > 0 ? reported : undefined,
    sources: found?.sources.map((source) => join(folder.root, source)) ?? [],
    formats: found?.formats,
    artifacts: artifacts.artifacts.length > 0 ? artifacts.artifacts : undefined,
    problems,
  };
}

function asMetric(value: MetricScalar | MetricValue): MetricValue {
  return typeof value === "object" && value !== null
    ? value
    : { last: value, source: "harvestResults" };
}

/** Output of the last stage of a run that has any: what `regex` reads unless it names a stage. */
function lastLogs(project: Project, id: string, run: RunStatus): HarvestLogs {
  const last = logFiles(project, id, run).findLast(({ stdout }) => exists(stdout));
  return last ? { stdout: last.stdout, stderr: last.stderr } : {};
}

function times(run: RunStatus): Pick<
  ResultRecord,
  "started" | "ended" | "elapsed" | "stageElapsed"
> {
  const stages = Object.values(run.stages);
  const starts = stages.flatMap((stage) => stage.started ?? []);
  const ends = stages.flatMap((stage) => stage.ended ?? []);
  const iso = (epoch: number) => new Date(epoch * 1000).toISOString();
  const started = starts.length > 0 ? Math.min(...starts) : undefined;
  const ended = ends.length === stages.length && ends.length > 0 ? Math.max(...ends) : undefined;
  return {
    started: started === undefined ? undefined : iso(started),
    ended: ended === undefined ? undefined : iso(ended),
    elapsed: started === undefined || ended === undefined ? undefined : ended - started,
    stageElapsed: Object.fromEntries(
      Object.entries(run.stages).flatMap(([name, { started, ended }]) =>
        started === undefined || ended === undefined ? [] : [[name, ended - started]]
      ),
    ),
  };
}

function jobsOf(run: RunStatus): Record<string, string> {
  return Object.fromEntries(
    Object.entries(run.stages).flatMap(([stage, { job, task }]) =>
      job === undefined ? [] : [[stage, task === undefined ? job : `${job}_${task}`]]
    ),
  );
}

/** What each stage asked for in the submission it was last part of. */
function resourcesOf(status: ExperimentStatus, run: RunStatus): Record<string, Resources> {
  return Object.fromEntries(
    Object.entries(run.stages).flatMap(([name, { submission }]) => {
      const plan = status.plans.find((one) => one.submission === submission);
      const stage = plan?.config.stages.find((one) => one.name === name);
      return plan && stage ? [[name, resourcesIn(plan.config, stage, run.group)]] : [];
    }),
  );
}

/** Commit of the code that ran last; marked when files differed from it. */
function commitOf(status: ExperimentStatus, run: RunStatus): string | undefined {
  const submissions = Object.values(run.stages).map((stage) => stage.submission).sort();
  const code = status.plans.find((plan) => plan.submission === submissions.at(-1))?.code;
  return code?.commit && `${code.commit}${code.dirty ? "+dirty" : ""}`;
}
