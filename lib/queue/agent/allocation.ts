import type { WorkerRecord } from "../../schedulers/queue/workers.ts";
import { parseDuration } from "../../core/durations.ts";
import type { Clock } from "../../system/clock.ts";
import type { Runner } from "../../system/runner.ts";

/** The allocation that this process is in. */
export interface Allocation {
  job?: NonNullable<WorkerRecord["allocation"]>;
  /** When it ends, in seconds since 1970; absent where nobody tells. */
  until?: number;
  /** CPUs of this node that belong to it. */
  cpus: number;
  /** This node, as the scheduler names it. */
  node: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What the scheduler's variables tell of the allocation; squeue is asked once where they do not. */
export async function findAllocation(
  env: Environment,
  scheduler: string,
  { runner, clock }: { runner: Runner; clock: Clock },
): Promise<Allocation> {
  const job = jobOf(env, scheduler);
  const until = number(env.SLURM_JOB_END_TIME) ??
    (scheduler === "slurm" && job ? await askEnd(env.SLURM_JOB_ID!, runner, clock) : undefined);
  return {
    ...job ? { job } : {},
    ...until === undefined ? {} : { until },
    cpus: number(env.SLURM_CPUS_ON_NODE) ?? navigator.hardwareConcurrency,
    node: env.SLURMD_NODENAME ?? Deno.hostname(),
  };
}

/** An element of an array by the array's id and its index, as schedulers are asked. */
function jobOf(env: Environment, scheduler: string): Allocation["job"] {
  const { SLURM_JOB_ID, SLURM_ARRAY_JOB_ID } = env;
  const task = number(env.SLURM_ARRAY_TASK_ID);
  if (SLURM_ARRAY_JOB_ID && task !== undefined) return { scheduler, job: SLURM_ARRAY_JOB_ID, task };
  return SLURM_JOB_ID ? { scheduler, job: SLURM_JOB_ID } : undefined;
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Slurm before 23.02 sets no variable with the end. */
async function askEnd(job: string, runner: Runner, clock: Clock): Promise<number | undefined> {
  const { code, stdout } = await runner.run({ argv: ["squeue", "-h", "-o", "%L", "-j", job] });
  const left = stdout.trim();
  if (code !== 0 || !/^[\d:-]+$/.test(left)) return undefined;
  return Math.floor(clock.now() / 1000 + parseDuration(left));
}
