import { UsageError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { isEnded, type RunState } from "../core/states.ts";
import { VERSION } from "../core/version.ts";
import { countStates, type ExperimentStatus, statusOf } from "../submission/status.ts";
import {
  previewSubmission,
  submitExperiment,
  type SubmitOutcome,
  type SubmitPreview,
  type SubmitRequest,
} from "../submission/submit.ts";
import { loadExperiment } from "./experiments.ts";
import type { Project } from "./project.ts";
import { forSite } from "./site.ts";

/** What a user may narrow or change in one submission. */
export interface SubmitOptions {
  /** Only this stage. */
  stage?: string;
  /** Only these runs, by index. */
  runs?: readonly number[];
  /** Run again what is completed or queued. */
  force?: boolean;
}

/**
 * Submits an experiment: every run that is not completed or queued. After a crash the next call
 * finishes what was begun; nothing is submitted twice.
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
  return await submitExperiment(project.context, requestOf(project, id, options));
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
  return await previewSubmission(project.context, requestOf(project, id, options));
}

function requestOf(
  project: Project,
  id: string,
  { stage, runs, force }: SubmitOptions,
): SubmitRequest {
  const { experiment: wanted, points, provenance } = loadExperiment(project, id);
  const stages = wanted.stages.map(({ name }) => name);
  if (stage !== undefined && !stages.includes(stage)) {
    throw new UsageError(`Cannot submit stage ${JSON.stringify(stage)} of ${id}: it has none`, {
      hint: didYouMean(stage, stages),
    });
  }
  const { experiment, scripts, changes, warnings, ...sited } = forSite(project, wanted);
  return {
    experiment,
    scripts,
    points,
    provenance: { ...provenance, ...sited.provenance },
    selection: { stage, force, runs: runs && new Set(runs) },
    versions: { expflow: VERSION, deno: Deno.version.deno },
    decisions: [...warnings, ...changes],
  };
}

/** How to wait, and whom to tell. */
export interface WaitOptions {
  /** Told the number of runs in each state, again and again. */
  onProgress?: (counts: Partial<Record<RunState, number>>) => void;
  /** Milliseconds between two looks; the scheduler's own pace unless told. */
  intervalMs?: number;
  /** Only these runs, by index. */
  runs?: readonly number[];
  /** Ends the wait, not the runs: `wait` rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Waits until every run of an experiment has ended. Runs nobody can be asked about are waited for.
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
  const interval = options.intervalMs ?? (project.context.scheduler.name === "local" ? 250 : 5000);
  const interrupted = aborted(options.signal);
  interrupted.catch(() => {});
  for (;;) {
    const [status] = await statusOf(project.context, [id]);
    const only = options.runs && new Set(options.runs);
    const runs = status!.runs.filter((run) => !only || only.has(run.index));
    options.onProgress?.(countStates(runs));
    if (runs.every((run) => isEnded(run.state) || run.state === "planned")) {
      return { ...status!, runs };
    }
    await Promise.race([project.context.clock.sleep(interval), interrupted]);
  }
}

/** Rejects when the signal is given; never resolves. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
