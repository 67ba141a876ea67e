import { formatDuration, parseDuration } from "./durations.ts";
import type { Resources } from "./resources.ts";

/** How runs share a job. */
export interface Packing {
  /** At most so many runs in one job. */
  runsPerJob: number;
  /** So many of them at the same time; the others wait for their turn. */
  atOnce: number;
}

/** How runs of these resources share jobs; `undefined` where each has one of its own. */
export function packingOf(
  { runs_per_job = 1, runs_at_once = 1 }: Resources,
): Packing | undefined {
  return runs_per_job > 1 ? { runsPerJob: runs_per_job, atOnce: runs_at_once } : undefined;
}

/** How many runs of a job follow each other. */
export function roundsOf({ atOnce }: Packing, runs: number): number {
  return Math.ceil(runs / atOnce);
}

/**
 * What a job asks for: `time` is said of one run, so that a job gets it as often as runs follow each
 * other in it. All else is said of the job.
 *
 * @param runs that the job carries; as many as it may unless told.
 */
export function jobResources(resources: Resources, runs?: number): Resources {
  const packing = packingOf(resources);
  if (!packing || resources.time === undefined) return resources;
  const seconds = parseDuration(resources.time) * roundsOf(packing, runs ?? packing.runsPerJob);
  return { ...resources, time: formatDuration(seconds) };
}
