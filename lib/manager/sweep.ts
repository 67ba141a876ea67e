import { expandSweep } from "../config/sweep.ts";
import { type ExclusionCount, type FactorCount, SweepSummary } from "../config/sweep_summary.ts";
import { UsageError } from "../core/errors.ts";
import type { Params } from "../core/params.ts";
import type { RunState } from "../core/states.ts";
import { type CostBound, costBound } from "../submission/cost.ts";
import { runFingerprints } from "../submission/select.ts";
import { statusOf } from "../submission/status.ts";
import { loadExperiment } from "./experiments.ts";
import type { Project } from "./project.ts";

/** A run as it would be submitted. */
export interface PreviewRun {
  /** From 0; as `status` and the folder of the run have it. */
  index: number;
  /** The parameters that the sweep sets. */
  params: Params;
  /** Named group of the sweep, where there is one. */
  group?: string;
  /** `planned` where it was never submitted. */
  state: RunState;
}

/** What a sweep comes to. */
export interface SweepPreview {
  /** Id of the experiment. */
  id: string;
  /** Number of runs. */
  runs: number;
  /** State → runs; those never submitted are `planned`. */
  states: Partial<Record<RunState, number>>;
  /** Runs submitted earlier that are no longer part of the sweep. */
  gone: number;
  /** Combinations that are no run, by reason. */
  excluded: ExclusionCount[];
  /** Parameters that the sweep sets, with the number of runs of each value. */
  factors: FactorCount[];
  /** Named group → runs. */
  groups: Record<string, number>;
  /** Upper bound of what all the runs cost. */
  cost: CostBound;
  /** The first runs. */
  first: PreviewRun[];
}

/**
 * What the sweep of an experiment comes to: runs, what is left out and why, an upper bound of the
 * cost. Nothing is written or submitted.
 *
 * @param first number of runs to show.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, previewSweep } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", {
 *   sweep: "{grid: {lr: [0.1, 0.01], batch: [32, 64]}, where: lr * batch < 6, seeds: 3}",
 *   set: ["resources.time=2h", "resources.gpus=1"],
 * });
 * const { runs, excluded, cost } = await previewSweep(project, "exp001");
 * if (runs !== 9 || excluded[0]?.count !== 3) throw new Error(JSON.stringify(excluded));
 * if (cost.gpuHours !== 18) throw new Error(`${cost.gpuHours} GPU-hours`);
 * ```
 */
export async function previewSweep(
  project: Project,
  id: string,
  first = 10,
): Promise<SweepPreview> {
  const { experiment } = loadExperiment(project, id);
  const { sweep, params, search } = experiment;
  if (search) {
    throw new UsageError(
      `Cannot preview ${id}: it is a search, whose points are not known before`,
      {
        hint: `\`expflow search report ${id}\` shows those that were suggested`,
      },
    );
  }
  const [status] = await statusOf(project.context, [id]);
  const earlier = new Map(status!.runs.map((run) => [run.fingerprint, run]));
  const fingerprintOf = runFingerprints(experiment);
  const summary = new SweepSummary(sweep, params);
  const states: SweepPreview["states"] = {};
  const shown: PreviewRun[] = [];
  let next = status!.runs.reduce((highest, { index }) => Math.max(highest, index), -1) + 1;
  let known = 0;
  for (const point of expandSweep(sweep, params, (exclusion) => summary.exclude(exclusion))) {
    const run = earlier.size > 0 ? earlier.get(fingerprintOf(point)) : undefined;
    if (run) known++;
    const index = run?.index ?? next++;
    const state = run?.state ?? "planned";
    states[state] = (states[state] ?? 0) + 1;
    summary.add(point);
    if (shown.length >= first) continue;
    const { group } = point;
    const named = group === undefined ? {} : { group };
    shown.push({ index, params: summary.sweptOf(point), ...named, state });
  }
  return {
    id,
    runs: summary.points,
    states,
    gone: earlier.size - known,
    excluded: summary.excluded,
    factors: summary.factors,
    groups: Object.fromEntries(
      Array.from(summary.groups).filter((entry): entry is [string, number] =>
        entry[0] !== undefined
      ),
    ),
    cost: costBound(experiment, summary.groups),
    first: shown,
  };
}
