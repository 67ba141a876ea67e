import { SchedulerError, UsageError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { isEnded, type RunState } from "../core/states.ts";
import { VERSION } from "../core/version.ts";
import type { Experiment } from "../core/experiment.ts";
import type { Selection } from "../submission/select.ts";
import {
  countStates,
  type ExperimentStatus,
  type RunStatus,
  statusOf,
} from "../submission/status.ts";
import {
  previewSubmission,
  submitExperiment,
  type SubmitOutcome,
  type SubmitPreview,
  type SubmitRequest,
} from "../submission/submit.ts";
import { continueSubmissions } from "../submission/top_up.ts";
import { untilAborted } from "../system/abortable.ts";
import { loadExperiment } from "./experiments.ts";
import { importedSelection } from "./imported.ts";
import { placeExperiment } from "./placement.ts";
import { forScheduler, withPriority } from "./scheduler_words.ts";
import type { Project } from "./project.ts";
import { lineageOf, withDescendants } from "../submission/retry/lineage.ts";
import { forSite } from "./site.ts";
import { subsetOf } from "./subset.ts";
import { countUnattended, unattendedLine } from "./unattended.ts";

/** What a user may narrow or change in one submission. */
export interface SubmitOptions {
  /** Only this stage. */
  stage?: string;
  /** Only these runs, by index. */
  runs?: readonly number[];
  /** Not these runs, by index. */
  except?: readonly number[];
  /** Only runs whose parameters meet this condition, as `lr > 0.01 and model == "r18"`. */
  subset?: string;
  /** Only runs that are in one of these states; `planned` where they were never submitted. */
  only?: readonly RunState[];
  /** At most so many runs, the first ones. */
  limit?: number;
  /** Run again what is completed or queued. */
  force?: boolean;
  /** Let each job name several partitions: the first that can starts it. */
  race?: boolean;
  /** `resources.priority` of all stages, in the place of what the file says; 0 to 1000. */
  priority?: number;
}

/** The same, for runs that go on where they ended. */
export interface ContinuedSubmit extends SubmitOptions {
  /** Run → checkpoint to start from; the newest where none is given. */
  resumed?: Selection["resumed"];
  /** What the experiment asks for otherwise than its file says. */
  change?: (experiment: Experiment) => Experiment;
}

/**
 * Submits an experiment: every run that is not completed or queued. After a crash the next call
 * finishes what was begun; nothing is submitted twice. Where only so many jobs may be queued, those
 * that fit are submitted, and `waiting` says what is left for `pump` or `wait`.
 *
 * @throws {SchedulerError} when the scheduler refuses; what it accepted before is kept and said.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, submit } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * const first = await submit(project, "exp001");
 * const again = await submit(project, "exp001"); // both runs are queued or completed
 * if (first.selected.runs.length !== 2 || again.plan) throw new Error("submitted twice");
 * ```
 */
export async function submit(
  project: Project,
  id: string,
  options: SubmitOptions = {},
): Promise<SubmitOutcome> {
  const request = await wholeRequest(project, id, options);
  return await submitExperiment(project.context, request);
}

/**
 * What `submit` would do: the selected runs, the plan and its files. Nothing is written.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, previewSubmit } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01 seed=0,1,2" });
 * const { selected, plan } = await previewSubmit(project, "exp001", { runs: [0, 5] });
 * const seeds = selected.runs.map(({ seed }) => seed);
 * if (seeds.join() !== "0,2" || plan.chunks.length !== 1) throw new Error(seeds.join());
 * ```
 */
export async function previewSubmit(
  project: Project,
  id: string,
  options: SubmitOptions = {},
): Promise<SubmitPreview> {
  return await previewSubmission(project.context, await wholeRequest(project, id, options));
}

/** The request for all runs of an experiment, which must know them. */
async function wholeRequest(
  project: Project,
  id: string,
  options: SubmitOptions,
): Promise<SubmitRequest> {
  const request = await requestOf(project, id, options);
  if (!request.experiment.search) return request;
  throw new UsageError(`Cannot submit ${id}: it is a search, which suggests its runs as it goes`, {
    hint: `\`expflow search run ${id}\``,
  });
}

/** What the submission of an experiment asks for, from its file; `auto` is decided here. */
export async function requestOf(
  project: Project,
  id: string,
  options: ContinuedSubmit,
): Promise<SubmitRequest> {
  const { stage, runs, except, subset, only, limit, force, race, priority, resumed } = options;
  const { change = (same) => same } = options;
  const { experiment: wanted, points, provenance } = loadExperiment(project, id);
  const stages = wanted.stages.map(({ name }) => name);
  if (stage !== undefined && !stages.includes(stage)) {
    throw new UsageError(`Cannot submit stage ${JSON.stringify(stage)} of ${id}: it has none`, {
      hint: didYouMean(stage, stages),
    });
  }
  const asked = forScheduler(project, withPriority(change(wanted), priority));
  const placed = await placeExperiment(project, asked.experiment, { race });
  const { experiment, jobs, changes, warnings, ...sited } = await forSite(
    project,
    placed.experiment,
  );
  return {
    experiment,
    sited: jobs,
    points,
    provenance: { ...provenance, ...placed.provenance, ...sited.provenance },
    selection: {
      stage,
      force,
      resumed,
      runs: runs && new Set(runs),
      except: except && new Set(except),
      subset: subset === undefined ? undefined : subsetOf(subset, points),
      only: only && new Set(only),
      limit,
      imported: importedSelection(project.layout, id),
    },
    versions: { expflow: VERSION, deno: Deno.version.deno },
    decisions: [...asked.decisions, ...placed.decisions, ...warnings, ...changes],
  };
}

/** How to wait, and whom to tell. */
export interface WaitOptions {
  /** Told the number of runs in each state, again and again. */
  onProgress?: (counts: Partial<Record<RunState, number>>) => void;
  /** Milliseconds between two looks; on a cluster 5,000, and 30,000 while runs wait for room. */
  intervalMs?: number;
  /** Only these runs, by index. */
  runs?: readonly number[];
  /** Ends the wait, not the runs: `wait` rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Told what is retried, what the scheduler refused, and that no worker is there, one line each. */
  onNotice?: (line: string) => void;
}

/** Milliseconds between two looks: a controller serves others too. */
export const POLL_MS: Record<"local" | "queue" | "cluster" | "room", number> = {
  local: 250,
  queue: 1000,
  cluster: 5000,
  room: 30_000,
};

/** Milliseconds between two looks at the scheduler of a project. */
export function pollOf({ context: { scheduler: { name } } }: Project): number {
  return name === "local" || name === "queue" ? POLL_MS[name] : POLL_MS.cluster;
}

/**
 * Waits until every run of an experiment has ended, and submits what waits for room as soon as there
 * is some. Runs nobody can be asked about are waited for.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, submit, wait } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * let done = 0;
 * const { runs } = await wait(project, "exp001", {
 *   onProgress: ({ completed = 0 }) => done = completed,
 * });
 * const states = runs.map(({ state }) => state);
 * if (done !== 2 || states.join() !== "completed,completed") throw new Error(states.join());
 * ```
 */
export async function wait(
  project: Project,
  id: string,
  options: WaitOptions = {},
): Promise<ExperimentStatus> {
  return await watch(project, id, options, () => Promise.resolve(false));
}

/** What is done at a look, besides submitting what waits. @returns whether there is more to wait for. */
export type Act = (status: ExperimentStatus, tracked: ReadonlySet<number>) => Promise<boolean>;

/** As {@linkcode wait}, with something done at each look; children of a run are waited for, too. */
export async function watch(
  project: Project,
  id: string,
  options: WaitOptions,
  act: Act,
): Promise<ExperimentStatus> {
  const usual = pollOf(project);
  let warned = false;
  for (;;) {
    const [status] = await statusOf(project.context, [id]);
    const all = status!.runs.map(({ index }) => index);
    const lineage = lineageOf(status!.plans, status!.runs);
    const tracked = withDescendants(lineage, options.runs ?? all);
    const runs = status!.runs.filter(({ index }) => tracked.has(index));
    options.onProgress?.(countStates(runs));
    const alone = countUnattended(runs);
    if (alone > 0 && !warned) options.onNotice?.(`warning: ${unattendedLine(alone)}`);
    warned = alone > 0;
    const waits = isWaiting(runs) && await waitsForRoom(project, id);
    const goesOn = await act(status!, tracked);
    if (!waits && !goesOn && runs.every((run) => isEnded(run.state))) return { ...status!, runs };
    const interval = options.intervalMs ?? (waits ? Math.max(usual, POLL_MS.room) : usual);
    await untilAborted(project.context.clock.sleep(interval), options.signal);
  }
}

/** Whether a stage of these runs is not submitted yet. */
export function isWaiting(runs: readonly RunStatus[]): boolean {
  return runs.some(({ stages }) => Object.values(stages).some(({ state }) => state === "planned"));
}

/** Submits what there is room for. @returns whether something is left; unknown counts as so. */
export async function waitsForRoom(project: Project, id: string): Promise<boolean> {
  try {
    const { waiting } = await continueSubmissions(project.context, id);
    return waiting !== undefined;
  } catch (error) {
    // a refusal is in the journal, and ends the wait; after anything else the next look is a try
    if (error instanceof SchedulerError) return true;
    throw error;
  }
}
