import { userInfo } from "node:os";
import { ExpflowError } from "../../core/errors.ts";
import { type Clock, epochSeconds } from "../../system/clock.ts";
import { exists, makeFolder, removeIfThere } from "../../system/files.ts";
import type { Runner } from "../../system/runner.ts";
import type {
  JobFilter,
  JobReport,
  JobRequest,
  JobTarget,
  Scheduler,
  SchedulerLimits,
  StartEstimate,
  Topology,
} from "../scheduler.ts";
import { type LocalStatus, localStatus, stopSupervisor, untilNothingRuns } from "./control.ts";
import { baseEnvironment } from "../batch/environment.ts";
import { ensureSupervised, type Launch, launchSupervisor } from "./guardian.ts";
import type { Machine } from "../batch/job_spec.ts";
import { isSupervised } from "./lock.ts";
import { describeError } from "./log.ts";
import { findMachine, type LocalSettings, machineCpus } from "./machine.ts";
import { systemProcesses } from "../batch/processes.ts";
import { isOver } from "./progress.ts";
import { readJob, readLoad } from "./reading.ts";
import { reportJob, shortHost } from "./report.ts";
import { ask, askCancel, askRequeue, jobNumber } from "./requests.ts";
import {
  createJob,
  hint,
  jobIds,
  type Layout,
  layoutOf,
  readSpec,
  unfinishedIds,
} from "./store.ts";
import { checkGpus, prepare, type Prepared } from "./submission.ts";
import { MAX_ARRAY_TASKS } from "../batch/tasks.ts";

/** What a {@linkcode LocalScheduler} is made of. */
export interface LocalSchedulerOptions {
  /** Holds its state: `<project>/.expflow/local/<hostname>`. Made when needed. */
  folder: string;
  runner: Runner;
  clock: Clock;
  /** The command that calls `supervise(folder)` and exits 0 when that returns. */
  launch: readonly [string, ...string[]];
  settings?: LocalSettings;
  /** Where jobs are submitted from; the working directory unless told. */
  cwd?: string;
  /** The submitter's environment; that of this process unless told. */
  env?: Readonly<Record<string, string | undefined>>;
}

/** Milliseconds between two attempts of a reader to bring a supervisor back. */
const HEAL_EVERY = 5000;

/** Runs batch scripts on this machine, as sbatch would on a cluster of one node. */
export class LocalScheduler implements Scheduler {
  readonly name = "local";
  readonly #options: LocalSchedulerOptions;
  readonly #layout: Layout;
  readonly #launch: Launch;
  #healed = -Infinity;

  constructor(options: LocalSchedulerOptions) {
    this.#options = options;
    this.#layout = layoutOf(options.folder);
    this.#launch = {
      layout: this.#layout,
      runner: options.runner,
      clock: options.clock,
      processes: systemProcesses(options.runner),
      argv: options.launch,
      settings: options.settings ?? {},
    };
  }

  /** Copies the script, queues the job, and sees to it that a supervisor is alive. */
  async submit(request: JobRequest): Promise<string> {
    const { spec, script } = await this.#prepare(request);
    const id = createJob(this.#layout, spec, script);
    hint(this.#layout, id, "job");
    await this.#supervised();
    return String(id);
  }

  findByName(jobName: string): Promise<string[]> {
    const found = jobIds(this.#layout).filter((id) => readSpec(this.#layout, id)?.name === jobName);
    return Promise.resolve(found.map(String));
  }

  /**
   * Reads the files; needs no supervisor. Brings one back when work is unfinished and nobody is
   * there, unless it was stopped on purpose.
   */
  async states(ids: string[]): Promise<Map<string, JobReport>> {
    const reports = new Map<string, JobReport>();
    let unfinished = false;
    for (const id of ids) {
      try {
        const job = /^\d{1,15}$/.test(id) ? readJob(this.#layout, Number(id)) : undefined;
        if (job && !isOver(job.progress)) unfinished = true;
        if (!job) reports.set(id, this.#deny(id));
        else reports.set(id, { known: true, tasks: reportJob(job), name: job.progress.spec.name });
      } catch (error) {
        reports.set(id, { known: false, why: describeError(`read job ${id}`, error) });
      }
    }
    if (unfinished) await this.#heal();
    return reports;
  }

  #deny(id: string): JobReport {
    const { jobs } = this.#layout;
    const why = `no job ${JSON.stringify(id)} in ${jobs}`;
    const epoch = epochSeconds(this.#options.clock);
    const denial = { source: "local scheduler", command: `list ${jobs}`, words: why, epoch };
    return { known: false, why, denials: [denial] };
  }

  /** Cancels exactly these; what is unknown or over is left alone, as scancel does. */
  async cancel(targets: JobTarget[]): Promise<void> {
    const asked = targets.map((target) => askCancel(this.#layout, target))
      .filter((one) => one !== undefined);
    await ask(this.#layout, asked, this.#asking());
  }

  /** Runs what runs or has ended once more; without a task, every such task of the job. */
  async requeue(target: JobTarget): Promise<void> {
    await ask(this.#layout, [askRequeue(this.#layout, target)], this.#asking());
  }

  async testStart(request: JobRequest): Promise<StartEstimate> {
    const source = "local scheduler";
    let prepared: Prepared;
    try {
      prepared = await this.#prepare(request);
    } catch (error) {
      if (!(error instanceof ExpflowError)) throw error;
      return { kind: "refused", reason: error.message, source };
    }
    const { spec } = prepared;
    const load = readLoad(this.#layout);
    const machine = await this.#findMachine();
    const fits = spec.cpus <= machine.cpus - load.cpus &&
      spec.gpus <= machine.gpus.length - load.gpus;
    if (fits && load.waiting === 0 && spec.dependencies.length === 0) {
      const epoch = epochSeconds(this.#options.clock);
      return { kind: "start", epoch, nodes: shortHost(Deno.hostname()), source };
    }
    return { kind: "unknown", why: `${load.running} tasks run and ${load.waiting} wait before it` };
  }

  limits(): Promise<SchedulerLimits> {
    return Promise.resolve({ maxArrayTasks: MAX_ARRAY_TASKS, submit: [], steps: false });
  }

  /** There is no limit here, and so nothing to count. */
  countQueued(filters: readonly JobFilter[]): Promise<number[]> {
    return Promise.resolve(filters.map(() => 0));
  }

  async topology(): Promise<Topology> {
    const { cpus, gpus } = await this.#findMachine();
    return { nodes: [{ name: shortHost(Deno.hostname()), cpus, gpus: gpus.length }] };
  }

  /** What was ignored or changed in the script of a job. */
  notes(job: string): string[] {
    return readSpec(this.#layout, jobNumber(job))?.notes ?? [];
  }

  /** Whether a supervisor is alive, and what runs and waits. */
  status(): Promise<LocalStatus> {
    return localStatus(this.#layout, this.#launch.processes);
  }

  /** Ends the supervisor. Tasks that run go on, unless `cancel` asks to cancel every job first. */
  async stop({ cancel = false }: { cancel?: boolean } = {}): Promise<void> {
    const { clock } = this.#options;
    if (cancel) {
      await this.cancel(unfinishedIds(this.#layout).map((id) => ({ job: String(id) })));
      await untilNothingRuns(this.#layout, this.#launch.settings, clock);
    }
    await stopSupervisor(this.#layout, this.#launch.processes, clock);
  }

  /** Brings a supervisor back when work is unfinished and nobody is there. */
  async ensure(): Promise<void> {
    if (unfinishedIds(this.#layout).length > 0) await this.#supervised();
  }

  async #supervised(): Promise<void> {
    removeIfThere(this.#layout.stopped);
    await ensureSupervised(this.#launch);
  }

  async #heal(): Promise<void> {
    const { clock } = this.#options;
    if (clock.now() - this.#healed < HEAL_EVERY || exists(this.#layout.stopped)) return;
    if (await isSupervised(this.#layout, this.#launch.processes)) return;
    this.#healed = clock.now();
    launchSupervisor(this.#launch);
  }

  #asking(): { clock: Clock; ensure: () => Promise<void> } {
    return { clock: this.#options.clock, ensure: () => this.#supervised() };
  }

  async #prepare(request: JobRequest): Promise<Prepared> {
    const { cwd, env, clock, settings } = this.#options;
    makeFolder(this.#layout.folder);
    const prepared = prepare(this.#layout, request, {
      folder: cwd ?? Deno.cwd(),
      host: Deno.hostname(),
      environment: baseEnvironment(env ?? Deno.env.toObject(), userInfo().username),
      cpus: machineCpus(settings ?? {}),
      epoch: epochSeconds(clock),
    });
    if (prepared.spec.gpus > 0) checkGpus(prepared.spec, await this.#findMachine());
    return prepared;
  }

  #findMachine(): Promise<Machine> {
    return findMachine(this.#launch.settings, this.#options.runner);
  }
}
