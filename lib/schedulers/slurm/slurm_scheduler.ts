import { SchedulerError } from "../../core/errors.ts";
import { scrubbed } from "../../core/slurm_variables.ts";
import type { Clock } from "../../system/clock.ts";
import type { Command, Reply, Runner } from "../../system/runner.ts";
import type {
  JobFilter,
  JobReport,
  JobRequest,
  JobScope,
  JobTarget,
  Scheduler,
  SchedulerLimits,
  StartEstimate,
  Topology,
  WantedTasks,
} from "../scheduler.ts";
import { ask, type SlurmPorts, wordsOf } from "./call.ts";
import { type SiteRules, userCommand } from "./accounting.ts";
import {
  type ClusterConfig,
  configCommand,
  nodesCommand,
  parseConfig,
  parseNodes,
} from "./cluster.ts";
import { onlyGone, requeueCommand, scancelCommands } from "./control.ts";
import { inquire } from "./inquiry.ts";
import { lookUpName } from "./lookup.ts";
import { countMatching, parseQueued, queuedCommand } from "./queue_count.ts";
import { readSiteRules } from "./read_limits.ts";
import { QUEUE_FULL, readStartEstimate, readSubmission } from "./refusals.ts";
import { sbatchCommand, SUBMIT_TIMEOUT_MS } from "./sbatch.ts";
import { submitLimits } from "./submit_limits.ts";

/** What a {@linkcode SlurmScheduler} is made of. */
export interface SlurmSchedulerOptions {
  runner: Runner;
  clock: Clock;
  /** What Slurm's commands would inherit; the environment of this process unless told. */
  env?: SlurmPorts["env"];
  /** The value of sbatch's `--export`, `NONE` unless told. */
  exported?: string | (() => string);
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
  readonly #exported: () => string;
  #config?: Promise<ClusterConfig>;
  #user?: Promise<string>;
  #rules?: Promise<SiteRules | { unknown: string }>;

  constructor(options: SlurmSchedulerOptions) {
    const { runner, clock, env = Deno.env.toObject(), random = Math.random } = options;
    this.#ports = { runner, clock, env, random };
    const { exported = "NONE" } = options;
    this.#exported = typeof exported === "string" ? () => exported : exported;
  }

  /**
   * Submits once and never again by itself. sbatch is not left to try for two minutes when the
   * queue is full.
   *
   * @throws {NoRoomError} when a limit on submission, or a full queue, keeps it out for now.
   * @throws {UncertainSubmissionError} when the job may have been accepted all the same.
   * @throws {SchedulerError} when Slurm refused, in Slurm's words.
   */
  async submit(request: JobRequest): Promise<string> {
    const argv = sbatchCommand(request, { exported: this.#exported() });
    const submitted = readSubmission(request.script, await this.#change(argv, {}, QUEUE_FULL));
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
    const reply = await this.#run({
      argv: requeueCommand(target),
      timeoutMs: CONTROL_TIMEOUT_MS,
    });
    if (reply.code === 0 && !reply.timedOut) return;
    throw failed(`requeue job ${target.job}`, wordsOf(reply, CONTROL_TIMEOUT_MS));
  }

  async testStart(request: JobRequest): Promise<StartEstimate> {
    const argv = sbatchCommand(request, { exported: this.#exported(), testOnly: true });
    return readStartEstimate(
      await this.#change(argv, { SLURM_TIME_FORMAT: "%s" }),
    );
  }

  /** Read once: neither slurm.conf nor accounts change under a command. */
  async limits(scope: JobScope = {}): Promise<SchedulerLimits> {
    this.#whoAmI().catch(() => {});
    const { maxArrayTasks, cluster, enforcesLimits } = await this.#configuration();
    if (!enforcesLimits || cluster === undefined) return { maxArrayTasks, submit: [] };
    const reading = this.#rules ??= this.#readRules(cluster);
    const rules = await reading.catch((error) => {
      this.#rules = undefined;
      throw error;
    });
    return "unknown" in rules
      ? { maxArrayTasks, submit: [], unknown: rules.unknown }
      : { maxArrayTasks, submit: submitLimits(rules, scope) };
  }

  async countQueued(filters: readonly JobFilter[]): Promise<number[]> {
    const doing = "count the jobs in the queue";
    const [user, queued] = await Promise.all([
      this.#whoAmI(),
      this.#answer(doing, queuedCommand(filters), parseQueued),
    ]);
    return filters.map((filter) => countMatching(queued, filter, user));
  }

  async topology(): Promise<Topology> {
    return { nodes: await this.#answer("list the nodes", nodesCommand, parseNodes) };
  }

  #whoAmI(): Promise<string> {
    const asking = this.#user ??= this.#answer(
      "tell who submits",
      userCommand,
      (name) => name.trim(),
    );
    return asking.catch((error) => {
      this.#user = undefined;
      throw error;
    });
  }

  async #readRules(cluster: string): Promise<SiteRules | { unknown: string }> {
    return await readSiteRules(this.#ports, cluster, await this.#whoAmI());
  }

  #configuration(): Promise<ClusterConfig> {
    const reading = this.#config ??= this.#answer(
      "read the cluster's limits",
      configCommand,
      parseConfig,
    );
    return reading.catch((error) => {
      this.#config = undefined;
      throw error;
    });
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

  /** Runs sbatch, which must not be repeated blindly. */
  #change(
    argv: [string, ...string[]],
    env: Record<string, string> = {},
    killOn?: RegExp,
  ): Promise<Reply> {
    return this.#run({ argv, timeoutMs: SUBMIT_TIMEOUT_MS, env, killOn });
  }

  #run(command: Command): Promise<Reply> {
    const { runner, env: inherited } = this.#ports;
    return runner.run({ ...command, env: { ...scrubbed(inherited), ...command.env } });
  }
}

function failed(doing: string, why: string): SchedulerError {
  return new SchedulerError(`Cannot ${doing}: ${why}`, {
    hint: "does `scontrol ping` answer? Otherwise it is as Slurm says",
  });
}
