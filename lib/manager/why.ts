import type { RunState } from "../core/states.ts";
import {
  type FactorsOf,
  factorsOfRun,
  type FailureGroup,
  groupFailures,
} from "../submission/diagnosis/group.ts";
import { type DiagnosedRun, diagnoseRun } from "../submission/diagnosis/run.ts";
import type { StageStatus } from "../submission/fold.ts";
import { resourcesIn } from "../submission/resources.ts";
import { countStates, type ExperimentStatus, type RunStatus } from "../submission/status.ts";
import { epochSeconds } from "../system/clock.ts";
import type { Project } from "./project.ts";
import { status } from "./status.ts";

/** What one run failed of, or where it stands. */
export interface WhyReport {
  /** Id of the experiment. */
  id: string;
  /** Index of the run. */
  run: number;
  /** Of the run as a whole. */
  state: RunState;
  /** Why it waits or ended so, in the scheduler's words or a marker's. */
  reason?: string;
  /** Of a run that waits: when it is to start, by the scheduler's own estimate. */
  start?: { epoch: number; seconds: number; source: string };
  /** Absent for a run that has not ended, or completed with everything that is required. */
  failure?: DiagnosedRun;
}

/** What the runs of one experiment failed of. */
export interface DiagnosisReport {
  /** Id of the experiment. */
  id: string;
  /** Number of runs in each state. */
  counts: Partial<Record<RunState, number>>;
  /** The most frequent failure first; empty when nothing failed. */
  groups: FailureGroup[];
}

/**
 * Why a run failed: the rule that knows it, the lines of its output that say so, and what helps. At
 * most 64 KiB of each log are read, from its end.
 *
 * @throws {NotFoundError} for an experiment or a run that does not exist.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, submit, wait, why } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { command: "pyhton3 train.py", args: "none" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * const { failure } = await why(project, "exp001", 0);
 * if (failure?.diagnosis.rule !== "command-not-found") throw new Error(JSON.stringify(failure));
 * ```
 */
export async function why(project: Project, id: string, run: number): Promise<WhyReport> {
  const [found] = await status(project, { ids: [id], run });
  const one = found!.runs[0]!;
  const failure = diagnoseRun(project.layout, configOf(found!), one);
  const telling = failure?.status ??
    Object.values(one.stages).find(({ state }) => state === one.state);
  const reason = telling?.reason;
  return {
    id,
    run,
    state: one.state,
    ...reason ? { reason } : {},
    ...telling ? startOf(telling, epochSeconds(project.context.clock)) : {},
    ...failure ? { failure } : {},
  };
}

function startOf({ expected, source }: StageStatus, now: number): Pick<WhyReport, "start"> {
  if (expected === undefined) return {};
  return { start: { epoch: expected, seconds: Math.max(0, expected - now), source } };
}

/**
 * What runs failed of, grouped: how many of what, and what the failing runs share that those that
 * completed do not. Of these experiments, or of all that were submitted.
 *
 * @throws {NotFoundError} for an experiment that does not exist.
 *
 * @example
 * ```ts
 * import { createExperiment, diagnose, initProject, openProject, submit, wait } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", {
 *   command: "test {params.batch} -lt 512 || { echo 'MemoryError' >&2; exit 1; }",
 *   args: "none",
 *   sweep: "batch=64,512 seed=0,1",
 * });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * const [report] = await diagnose(project, ["exp001"]);
 * const [group] = report!.groups;
 * if (group?.class !== "host_oom" || group.runs.length !== 2) throw new Error("another failure");
 * if (group.common.find(({ name }) => name === "batch")?.value !== 512) throw new Error("no batch");
 * ```
 */
export async function diagnose(
  project: Project,
  ids?: readonly string[],
): Promise<DiagnosisReport[]> {
  const found = await status(project, { ids });
  return found.map((one) => diagnosisOf(project, one));
}

/** As {@linkcode diagnose}, of an experiment whose status is known. */
export function diagnosisOf({ layout }: Project, one: ExperimentStatus): DiagnosisReport {
  const failed = one.runs.flatMap((run) => diagnoseRun(layout, configOf(one), run) ?? []);
  const bad = new Set(failed.map(({ run }) => run));
  const completed = one.runs.filter(({ state, index }) => state === "completed" && !bad.has(index));
  return {
    id: one.id,
    counts: countStates(one.runs),
    groups: groupFailures(failed, completed.map(({ index }) => index), factorsIn(one)),
  };
}

/** The experiment as it was submitted last. */
function configOf({ id, plans }: ExperimentStatus) {
  return plans.at(-1)?.config ?? { id, harvest: { files: [], direction: {} } };
}

function factorsIn({ runs, plans }: ExperimentStatus): FactorsOf {
  const byIndex = new Map(runs.map((run) => [run.index, run]));
  const configs = new Map(plans.map(({ submission, config }) => [submission, config]));
  const place = (run: RunStatus) => {
    const [name, last] = Object.entries(run.stages).at(-1) ?? [];
    const config = configs.get(last?.submission ?? "");
    const stage = config?.stages.find((one) => one.name === name);
    if (!config || !stage) return {};
    const { partition, gpu_type } = resourcesIn(config, stage, run.group);
    return { ...partition ? { partition } : {}, ...gpu_type ? { gpu_type } : {} };
  };
  const known = new Map<number, ReturnType<FactorsOf>>();
  return (index) => {
    const before = known.get(index);
    if (before) return before;
    const run = byIndex.get(index)!;
    const factors = factorsOfRun(run, place(run));
    known.set(index, factors);
    return factors;
  };
}
