import { SchedulerError } from "../../core/errors.ts";
import type { JobRequest } from "../scheduler.ts";
import { describeJob, type SubmissionContext } from "../batch/describe.ts";
import { readScript } from "../batch/script_file.ts";
import type { JobSpec, Machine } from "../batch/job_spec.ts";
import { type Layout, readSpec } from "./store.ts";
import { parseArray } from "../batch/tasks.ts";

/** A job that is ready to be made. */
export interface Prepared {
  spec: JobSpec;
  script: Uint8Array;
}

function checkDependencies(layout: Layout, spec: JobSpec): void {
  const missing = spec.dependencies.find(({ job }) => readSpec(layout, job) === undefined);
  if (!missing) return;
  throw new SchedulerError(`Cannot submit: it depends on job ${missing.job}, which is not here`, {
    hint: `the local scheduler knows the jobs in ${layout.jobs}`,
  });
}

/**
 * Reads a request as sbatch would; its dependencies go before those of the script.
 *
 * @throws {SchedulerError} when it cannot run here.
 */
export function prepare(
  layout: Layout,
  { script: path, dependencies, name, array }: JobRequest,
  context: Omit<SubmissionContext, "script">,
): Prepared {
  const script = readScript(path);
  const spec = describeJob(new TextDecoder().decode(script), { ...context, script: path });
  if (name !== undefined) spec.name = name;
  if (array !== undefined) {
    parseArray(array);
    spec.array = array;
  }
  if (dependencies.length > 0) {
    spec.dependencies = dependencies.map(({ type, job }) => {
      if (/^\d{1,15}$/.test(job)) return { type, job: Number(job) };
      throw new SchedulerError(`Cannot submit: ${JSON.stringify(job)} is no id of a job`);
    });
  }
  checkDependencies(layout, spec);
  return { spec, script };
}

/** @throws {SchedulerError} when a job asks for more GPUs than there are. */
export function checkGpus(spec: JobSpec, machine: Machine): void {
  const there = machine.gpus.length;
  if (spec.gpus <= there) return;
  throw new SchedulerError(`Cannot run with ${spec.gpus} GPUs: ${there} found on this machine`, {
    hint: "ask for fewer GPUs, or submit to a cluster; nvidia-smi lists what is there",
  });
}
