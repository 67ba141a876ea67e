import { SchedulerError } from "../../core/errors.ts";
import type { Clock } from "../../system/clock.ts";
import type { Reply, Runner } from "../../system/runner.ts";
import type {
  JobReport,
  JobRequest,
  JobTarget,
  Scheduler,
  SchedulerLimits,
  StartEstimate,
  Topology,
  WantedTasks,
} from "../scheduler.ts";
import { ask, scrubbed, type SlurmPorts, wordsOf } from "./call.ts";
import { configCommand, nodesCommand, parseConfig, parseNodes } from "./cluster.ts";
import { onlyGone, requeueCommand, scancelCommands } from "./control.ts";
import { inquire } from "./inquiry.ts";
import { lookUpName } from "./lookup.ts";
import { readStartEstimate, readSubmission } from "./refusals.ts";
import { sbatchCommand, SUBMIT_TIMEOUT_MS } from "./sbatch.ts";

/** What a {@linkcode SlurmScheduler} is made of. */
export interface SlurmSchedulerOptions {
  runner: Runner;
  clock: Clock;
  /** What Slurm's commands would inherit; the environment of this process unless told. */
  env?: SlurmPorts["env"];
  /** The value of sbatch's `--export`, `NONE` unless told. */
  exported?: string;
  /** Spreads pauses; `Math.random` unless told. */
  random?: () => number;
}

const CONTROL_TIMEOUT_MS = 60_000;

/**
 * A Slurm cluster, through its commands; tested with 22.05 and 24.11. Ids are Slurm's, `123`, or `123@cluster`
 * for a job that was sent to another cluster.
 *
 * Jobs are submitted with `--export=NONE`, which makes `srun` in a script start its tasks without an
 * environment unless the script has `export SLURM_EXPORT_ENV=ALL` before.
 */
export class SlurmScheduler implements Scheduler {
  readonly name = "slurm";
  readonly #ports: SlurmPorts;
  readonly #exported: string;
  #limits?: SchedulerLimits;

  constructor(options: SlurmSchedulerOptions) {
    const { runner, clock, env = Deno.env.toObject(), random = Math.random } = options;
    this.#ports = { runner, clock, env, random };
    this.#exported = options.exported ?? "NONE";
  }

  /**
   * Submits once and never again by itself.
   *
   * @throws {UncertainSubmissionError} when the job may have been accepted all the same.
   * @throws {SchedulerError} when Slurm refused, in Slurm's words.
   */
  async submit(request: JobRequest): Promise<string> {
    const argv = sbatchCommand(request, { exported: this.#exported });
    const submitted = readSubmission(request.script, await this.#change(argv, SUBMIT_TIMEOUT_MS));
    if (submitted instanceof Error) throw submitted;
    return submitted;
  }

  /** As {@linkcode lookUpName}; `since`, in seconds since 1970, is when it was first submitted. */
  findByName(jobName: string, since?: number): Promise<string[]> {
    return lookUpName(this.#ports, jobName, since);
  }

  /** As {@linkcode inquire}. Tasks in `wanted` get an answer also where Slurm has no record left. */
  states(ids: string[], wanted: WantedTasks = new Map()): Promise<Map<string, JobReport>> {
    return ids.length === 0 ? Promise.resolve(new Map()) : inquire(this.#ports, ids, wanted);
  }

  async cancel(targets: JobTarget[]): Promise<void> {
    for (const argv of scancelCommands(targets)) {
      const answer = await ask(this.#ports, argv);
      if (!answer.ok && !onlyGone(answer.why)) throw failed("cancel jobs", answer.why);
    }
  }

  async requeue(target: JobTarget): Promise<void> {
    const reply = await this.#change(requeueCommand(target), CONTROL_TIMEOUT_MS);
    if (reply.code === 0 && !reply.timedOut) return;
    throw failed(`requeue job ${target.job}`, wordsOf(reply, CONTROL_TIMEOUT_MS));
  }

  async testStart(request: JobRequest): Promise<StartEstimate> {
    const argv = sbatchCommand(request, { exported: this.#exported, testOnly: true });
    return readStartEstimate(
      await this.#change(argv, SUBMIT_TIMEOUT_MS, { SLURM_TIME_FORMAT: "%s" }),
    );
  }

  /** Read once: slurm.conf does not change under a command. */
  async limits(): Promise<SchedulerLimits> {
    return this.#limits ??= await this.#readLimits();
  }

  async topology(): Promise<Topology> {
    return { nodes: await this.#answer("list the nodes", nodesCommand, parseNodes) };
  }

  async #readLimits(): Promise<SchedulerLimits> {
    const config = await this.#answer("read the cluster's limits", configCommand, parseConfig);
    return { maxArrayTasks: config.maxArrayTasks };
  }

  async #answer<T>(
    doing: string,
    argv: [string, ...string[]],
    parse: (stdout: string) => T | undefined,
  ): Promise<T> {
    const answer = await ask(this.#ports, argv);
    const parsed = answer.ok ? parse(answer.stdout) : undefined;
    if (parsed !== undefined) return parsed;
    const why = answer.ok ? `${argv[0]} printed something else` : answer.why;
    throw failed(doing, why);
  }

  /** Runs what must not be repeated blindly. */
  #change(
    argv: [string, ...string[]],
    timeoutMs: number,
    env: Record<string, string> = {},
  ): Promise<Reply> {
    const { runner, env: inherited } = this.#ports;
    return runner.run({ argv, timeoutMs, env: { ...scrubbed(inherited), ...env } });
  }
}

function failed(doing: string, why: string): SchedulerError {
  return new SchedulerError(`Cannot ${doing}: ${why}`, {
    hint: "does `scontrol ping` answer? Otherwise it is as Slurm says",
  });
}
