import type { JobRequest } from "../scheduler.ts";
import { parseJobId } from "./job_id.ts";

/**
 * Longer than the 120 s that sbatch waits when the queue is full (MaxJobCount), so that it says so
 * itself.
 */
export const SUBMIT_TIMEOUT_MS = 180_000;

/**
 * `--export` decides what a job inherits; with `NONE` only SLURM_* of the submitter. A dependent
 * whose condition cannot hold any more is cancelled, not kept waiting for ever.
 */
export function sbatchCommand(
  request: JobRequest,
  settings: { exported: string; testOnly?: boolean },
): [string, ...string[]] {
  const { script, dependencies, name, array } = request;
  return [
    "sbatch",
    settings.testOnly ? "--test-only" : "--parsable",
    `--export=${settings.exported}`,
    ...dependencies.length > 0
      ? [`--dependency=${dependencyList(dependencies)}`, "--kill-on-invalid-dep=yes"]
      : [],
    ...name === undefined ? [] : [`--job-name=${name}`],
    ...array === undefined ? [] : [`--array=${array}`],
    script,
  ];
}

/** `afterok:12:13,aftercorr:14`: all must hold. */
function dependencyList(dependencies: JobRequest["dependencies"]): string {
  const jobs = new Map<string, string[]>();
  for (const { type, job } of dependencies) {
    jobs.set(type, [...jobs.get(type) ?? [], parseJobId(job)?.number ?? job]);
  }
  return [...jobs].map(([type, numbers]) => [type, ...numbers].join(":")).join();
}
