import { userInfo } from "node:os";
import { ExpflowError } from "../../core/errors.ts";
import { type Clock, epochSeconds } from "../../system/clock.ts";
import { baseEnvironment } from "../batch/environment.ts";
import { MAX_ARRAY_TASKS, positionOf } from "../batch/tasks.ts";
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
import { requeue, wish } from "./control.ts";
import { perform } from "./disk.ts";
import { createJob, jobIds, openJob } from "./job.ts";
import { jobNumber, openQueue } from "./open.ts";
import type { QueueLayout } from "./places.ts";
import { QueueReading } from "./reading.ts";
import { NOBODY, reportJob, SOURCE } from "./report.ts";
import { prepare, type Prepared } from "./submission.ts";
import { readWorker, workerIds } from "./workers.ts";

/** What a {@linkcode QueueScheduler} is made of. */
export interface QueueSchedulerOptions {
  /** Holds the queue: `<project>/.expflow/queue`. Made when needed. */
  folder: string;
  clock: Clock;
  /** Where jobs are submitted from; the working directory unless told. */
  cwd?: string;
  /** The submitter's environment; that of this process unless told. */
  env?: Readonly<Record<string, string | undefined>>;
}

/** Leaves batch scripts in a queue on shared files, from which workers take them. */
export class QueueScheduler implements Scheduler {
  readonly name = "queue";
  readonly #options: QueueSchedulerOptions;
  #layout?: QueueLayout;

  constructor(options: QueueSchedulerOptions) {
    this.#options = options;
  }

  /** Where the queue lies; it is made when it is first needed. */
  get layout(): QueueLayout {
    return this.#layout ??= openQueue(this.#options.folder);
  }

  /** Copies the script and queues the job. A worker that comes will run it. */
  // deno-lint-ignore require-await
  async submit(request: JobRequest): Promise<string> {
    const { spec, script } = this.#prepare(request);
    return String(createJob(this.layout, spec, script));
  }

  // deno-lint-ignore require-await
  async findByName(jobName: string): Promise<string[]> {
    const reading = new QueueReading(this.layout);
    const found = perform(jobIds(this.layout)).filter((id) =>
      reading.job(id)?.spec.name === jobName
    );
    // whoever submitted it may have been killed before workers could see it
    for (const job of found) {
      const view = reading.view(job)!;
      const untouched = view.done.size === 0 && view.claims.size === 0;
      if (untouched) perform(openJob(this.layout, { job, priority: view.known.spec.priority }));
    }
    return found.map(String);
  }

  /** Reads the files; needs no worker. */
  // deno-lint-ignore require-await
  async states(ids: string[]): Promise<Map<string, JobReport>> {
    const reading = new QueueReading(this.layout);
    return new Map(ids.map((id) => {
      const view = /^\d{1,15}$/.test(id) ? reading.view(Number(id)) : undefined;
      if (!view) return [id, this.#deny(id)];
      const { name } = view.known.spec;
      return [id, { known: true, tasks: reportJob(reading, view), name }];
    }));
  }

  #deny(id: string): JobReport {
    const { jobs } = this.layout;
    const why = `no job ${JSON.stringify(id)} in ${jobs}`;
    const epoch = epochSeconds(this.#options.clock);
    const denial = { source: SOURCE, command: `list ${jobs}`, words: why, epoch };
    return { known: false, why, denials: [denial] };
  }

  /** Cancels exactly these; what is unknown or over is left alone, as scancel does. */
  // deno-lint-ignore require-await
  async cancel(targets: JobTarget[]): Promise<void> {
    const reading = new QueueReading(this.layout);
    const epoch = epochSeconds(this.#options.clock);
    for (const { job: text, task } of targets) {
      const job = jobNumber(text);
      const view = reading.view(job);
      if (!view || (task !== undefined && positionOf(view.known.indices, task) < 0)) continue;
      const tasks = task === undefined ? view.known.indices : [task];
      if (tasks.every((one) => reading.outcome(view, one))) continue;
      wish(this.layout, { kind: "cancel", job, ...task === undefined ? {} : { task }, epoch });
    }
  }

  /** Runs what runs or has ended once more; without a task, every such task of the job. */
  // deno-lint-ignore require-await
  async requeue({ job, task }: JobTarget): Promise<void> {
    const view = new QueueReading(this.layout).view(jobNumber(job));
    const epoch = epochSeconds(this.#options.clock);
    requeue(this.layout, jobNumber(job), view, { task, epoch });
  }

  // deno-lint-ignore require-await
  async testStart(request: JobRequest): Promise<StartEstimate> {
    try {
      this.#prepare(request);
    } catch (error) {
      if (!(error instanceof ExpflowError)) throw error;
      return { kind: "refused", reason: error.message, source: SOURCE };
    }
    const workers = new QueueReading(this.layout).present.length;
    const why = workers === 0 ? NOBODY : `${workers} workers take from the queue`;
    return { kind: "unknown", why };
  }

  limits(): Promise<SchedulerLimits> {
    return Promise.resolve({ maxArrayTasks: MAX_ARRAY_TASKS, submit: [], steps: false });
  }

  /** There is no limit here, and so nothing to count. */
  countQueued(filters: readonly JobFilter[]): Promise<number[]> {
    return Promise.resolve(filters.map(() => 0));
  }

  /** The workers there are, each as a node. */
  // deno-lint-ignore require-await
  async topology(): Promise<Topology> {
    const workers = workerIds(this.layout).map((id) => readWorker(this.layout, id));
    const nodes = workers.filter((one) => one !== undefined)
      .map(({ id, cpus, gpus }) => ({ name: id, cpus, gpus: gpus.length }));
    return { nodes };
  }

  #prepare(request: JobRequest): Prepared {
    const { cwd, env, clock } = this.#options;
    return prepare(this.layout, request, {
      folder: cwd ?? Deno.cwd(),
      host: Deno.hostname(),
      environment: baseEnvironment(env ?? Deno.env.toObject(), userInfo().username),
      epoch: epochSeconds(clock),
    });
  }
}
