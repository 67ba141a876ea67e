import { join } from "node:path";
import { NotFoundError } from "../core/errors.ts";
import type { Experiment } from "../core/experiment.ts";
import { flattenParams } from "../core/params.ts";
import { type Harvest, harvestFolder } from "../results/harvest.ts";
import type { MetricScalar, MetricValue, ResultRecord } from "../results/records.ts";
import { listSubmitted } from "../store/plan.ts";
import { exists, readIfThere, writeWhole } from "../system/files.ts";
import { type ExperimentStatus, type RunStatus, statusOf } from "../submission/status.ts";
import { loadExperiment } from "./experiments.ts";
import { logFiles } from "./logs.ts";
import type { Project } from "./project.ts";

/** What a harvest found in one experiment. */
export interface HarvestReport {
  /** Id of the experiment. */
  experiment: string;
  /** One for each run that was submitted, by rising index; also of those that failed. */
  records: ResultRecord[];
  /** One line each, with the run it concerns. */
  problems: string[];
}

/**
 * Reads the results of every run of an experiment that has started, and writes them to
 * `experiments/results/<id>.jsonl`. Runs of other experiments are never looked at.
 *
 * @throws {NotFoundError} when the experiment was never submitted.
 *
 * @example
 * ```ts
 * import { createExperiment, harvest, initProject, openProject, submit, wait } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * const { records, problems } = await harvest(project, "exp001");
 * const loss = records.map(({ metrics }) => Number(metrics.loss?.last));
 * if (problems.length > 0 || !(loss[0]! < loss[1]!)) throw new Error(`${problems} ${loss}`);
 * ```
 */
export async function harvest(project: Project, id: string): Promise<HarvestReport> {
  const [status] = await statusOf(project.context, [id]);
  if (status!.plans.length === 0) {
    throw new NotFoundError(`Cannot harvest ${id}: it was never submitted`, {
      hint: `\`expflow submit ${id}\` first; \`expflow list\` shows what there is`,
    });
  }
  const { experiment, problems } = harvestedExperiment(project, status!);
  const records: ResultRecord[] = [];
  for (const run of status!.runs) {
    const record = await harvestRun(project, status!, run, experiment);
    records.push(record);
    problems.push(...record.problems.map((problem) => `run ${run.index}: ${problem}`));
  }
  const lines = records.map((record) => `${JSON.stringify(record)}\n`).join("");
  writeWhole(project.layout.result(id), lines);
  return { experiment: id, records, problems };
}

/** `harvest:` may be mended after the runs: the file as it is now says what to read. */
function harvestedExperiment(
  project: Project,
  status: ExperimentStatus,
): { experiment: Experiment; problems: string[] } {
  const submitted = status.plans.at(-1)!.config;
  if (!exists(project.layout.experiment(status.id))) return { experiment: submitted, problems: [] };
  try {
    const { experiment } = loadExperiment(project, status.id);
    return { experiment: { ...submitted, harvest: experiment.harvest }, problems: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { experiment: submitted, problems: [`${reason}: \`harvest:\` as submitted is used`] };
  }
}

async function harvestRun(
  project: Project,
  status: ExperimentStatus,
  run: RunStatus,
  experiment: Experiment,
): Promise<ResultRecord> {
  const folder = project.layout.run(status.id, run.index);
  const problems: string[] = [];
  let found: Harvest = { metrics: {}, sources: [], missing: [], problems: [] };
  const read = () =>
    found = harvestFolder(folder, { logs: lastLogs(project, status.id, run) }, experiment.harvest);
  const metrics: Record<string, MetricValue> = {};
  if (exists(folder)) {
    const context = { experiment, run: run.index, folder, params: run.params, read };
    const given = await project.hooks.harvestResults(context);
    for (const [name, value] of Object.entries(given)) metrics[name] = asMetric(value);
    problems.push(...found.problems);
    if (run.state === "completed" && Object.keys(metrics).length === 0) {
      problems.push(`no metrics were found in ${folder}`);
    }
  }
  return {
    experiment: status.id,
    run: run.index,
    state: run.state,
    seed: run.seed,
    params: Object.fromEntries(flattenParams(run.params)),
    metrics,
    ...times(run),
    attempt: Math.max(...Object.values(run.stages).map((stage) => stage.attempt), 1),
    jobs: jobsOf(run),
    commit: commitOf(status, run),
    sources: found.sources.map((source) => join(folder, source)),
    problems,
  };
}

function asMetric(value: MetricScalar | MetricValue): MetricValue {
  return typeof value === "object" && value !== null
    ? value
    : { last: value, source: "harvestResults" };
}

/** Output of the last stage of a run that has any: what `regex` reads unless it names a stage. */
function lastLogs(project: Project, id: string, run: RunStatus) {
  const files = logFiles(project, id, run).filter(({ stdout }) => exists(stdout));
  const last = files.at(-1);
  return last ? { stdout: last.stdout, stderr: last.stderr } : {};
}

function times(run: RunStatus): Pick<ResultRecord, "started" | "ended" | "elapsed"> {
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
  };
}

function jobsOf(run: RunStatus): Record<string, string> {
  return Object.fromEntries(
    Object.entries(run.stages).flatMap(([stage, { job, task }]) =>
      job === undefined ? [] : [[stage, task === undefined ? job : `${job}_${task}`]]
    ),
  );
}

/** Commit of the code that ran last; marked when files differed from it. */
function commitOf(status: ExperimentStatus, run: RunStatus): string | undefined {
  const submissions = Object.values(run.stages).map((stage) => stage.submission).sort();
  const code = status.plans.find((plan) => plan.submission === submissions.at(-1))?.code;
  return code?.commit && `${code.commit}${code.dirty ? "+dirty" : ""}`;
}

/**
 * The harvested records of some experiments, or of all, as the last harvest left them.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   harvest,
 *   initProject,
 *   openProject,
 *   readResults,
 *   submit,
 *   wait,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * await harvest(project, "exp001");
 * const rates = readResults(project).map(({ params }) => params.lr);
 * if (rates.join() !== "0.1,0.01") throw new Error(rates.join());
 * ```
 */
export function readResults(project: Project, ids?: readonly string[]): ResultRecord[] {
  return (ids ?? listSubmitted(project.layout)).flatMap((id) =>
    (readIfThere(project.layout.result(id)) ?? "").split("\n").filter(Boolean)
      .map((line) => JSON.parse(line) as ResultRecord)
  );
}
