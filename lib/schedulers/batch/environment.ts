import type { JobSpec } from "./job_spec.ts";
import type { PatternValues } from "./patterns.ts";

const KEPT = ["HOME", "USER", "LOGNAME", "PATH", "SHELL", "LANG", "TMPDIR"];
const LOGIN_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

/**
 * The part of the submitter's environment that tasks get: what a login would set, with the PATH on
 * which the submitter finds programs.
 */
export function baseEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  user: string,
): Record<string, string> {
  const defaults: Record<string, string> = {
    USER: user,
    LOGNAME: user,
    PATH: LOGIN_PATH,
    SHELL: "/bin/bash",
    TMPDIR: "/tmp",
  };
  const kept = KEPT.map((name): [string, string | undefined] => [
    name,
    from[name] || defaults[name],
  ]);
  return Object.fromEntries(kept.filter((entry): entry is [string, string] => !!entry[1]));
}

/** One attempt of a task, as its environment shows it. */
export interface Attempt extends PatternValues {
  restart: number;
  /** Named as the partition and the cluster. */
  scheduler: string;
  gpus: readonly (number | string)[];
  /** Slots taken. */
  cpus: number;
  indices: Uint32Array;
  /** Files by which the task asks to be run again: what it asks, and a hint to look at it. */
  requeue: { request: string; hint: string };
  /** Seconds since 1970. */
  epoch: number;
}

/** Everything a task finds in its environment, named as Slurm names it. */
export function taskEnvironment(spec: JobSpec, attempt: Attempt): Record<string, string> {
  const { indices } = attempt;
  const gpus = attempt.gpus.join(",");
  const variables: Record<string, string | number | undefined> = {
    ...spec.environment,
    SLURM_JOB_ID: attempt.job,
    SLURM_JOBID: attempt.job,
    SLURM_JOB_NAME: spec.name,
    SLURM_JOB_USER: attempt.user,
    SLURM_JOB_PARTITION: attempt.scheduler,
    SLURM_CLUSTER_NAME: attempt.scheduler,
    SLURM_SUBMIT_DIR: spec.submitFolder,
    SLURM_SUBMIT_HOST: spec.submitHost,
    SLURM_JOB_NODELIST: attempt.node,
    SLURM_NODELIST: attempt.node,
    SLURMD_NODENAME: attempt.node,
    SLURM_NNODES: 1,
    SLURM_JOB_NUM_NODES: 1,
    SLURM_NODEID: 0,
    SLURM_NTASKS: spec.ntasks,
    SLURM_NPROCS: spec.ntasks,
    SLURM_PROCID: 0,
    SLURM_LOCALID: 0,
    SLURM_CPUS_PER_TASK: spec.cpusPerTask,
    SLURM_CPUS_ON_NODE: attempt.cpus,
    SLURM_JOB_CPUS_PER_NODE: attempt.cpus,
    SLURM_RESTART_COUNT: attempt.restart > 0 ? attempt.restart : undefined,
    EXPFLOW_REQUEUE_REQUEST: attempt.requeue.request,
    EXPFLOW_REQUEUE_HINT: attempt.requeue.hint,
    SLURM_JOB_START_TIME: attempt.epoch,
    SLURM_JOB_END_TIME: spec.timeLimit === undefined ? undefined : attempt.epoch + spec.timeLimit,
    CUDA_VISIBLE_DEVICES: gpus,
    SLURM_JOB_GPUS: gpus === "" ? undefined : gpus,
    SLURM_GPUS_ON_NODE: gpus === "" ? undefined : attempt.gpus.length,
  };
  if (spec.array !== undefined) {
    variables.SLURM_ARRAY_JOB_ID = attempt.array;
    variables.SLURM_ARRAY_TASK_ID = attempt.task;
    variables.SLURM_ARRAY_TASK_COUNT = indices.length;
    variables.SLURM_ARRAY_TASK_MIN = indices[0];
    variables.SLURM_ARRAY_TASK_MAX = indices[indices.length - 1];
  }
  const defined = Object.entries(variables).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined.map(([name, value]) => [name, String(value)]));
}
