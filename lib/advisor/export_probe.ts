import { ExpflowError, SchedulerError, UncertainSubmissionError } from "../core/errors.ts";
import { isOver } from "../schedulers/scheduler.ts";
import { SlurmScheduler } from "../schedulers/slurm/slurm_scheduler.ts";
import type { Clock } from "../system/clock.ts";
import { exists, makeFolder, readIfThere, removeIfThere, writeWhole } from "../system/files.ts";
import type { Runner } from "../system/runner.ts";
import {
  EXPORT_MODES,
  type ExportFacts,
  type ExportMode,
  FACTS_SCRIPT,
  parseFacts,
  PROBE_VARIABLE,
  probeFiles,
  probeScript,
} from "./export_facts.ts";

/** How one value of `--export` was treated; what is absent is not known, and `why` says why. */
export interface ExportTreatment {
  mode: ExportMode;
  /** Id of the job. */
  job?: string;
  /** What the batch script has. */
  batch?: ExportFacts;
  /** What a task that `srun` starts has. */
  srun?: ExportFacts;
  why?: string;
}

/** What the probe works with. */
export interface ExportProbe {
  runner: Runner;
  clock: Clock;
  /** A folder that the nodes see; a folder is made in it, and removed. */
  parent: string;
  partition?: string;
  account?: string;
  /** Jobs that have not told by then are cancelled; in milliseconds. */
  timeoutMs: number;
  /** Ends the wait. */
  signal?: AbortSignal;
}

const POLL_MS = 1000;
/** A file may be seen later than the end of the job that wrote it. */
const LATE_POLLS = 5;

/**
 * Submits three jobs of a few seconds, which tell what a job gets of the environment under each
 * value of `--export`. Nothing of them is left behind.
 */
export async function probeExport(probe: ExportProbe): Promise<ExportTreatment[]> {
  const token = crypto.randomUUID().slice(0, 8);
  const folder = `${probe.parent}/.expflow-probe-${token}`;
  makeFolder(folder);
  try {
    writeWhole(`${folder}/facts.sh`, FACTS_SCRIPT);
    const end = probe.clock.now() + probe.timeoutMs;
    const jobs = EXPORT_MODES.map((mode) => new ProbeJob(probe, { folder, mode, token }));
    return await Promise.all(jobs.map((job) => job.run(end)));
  } finally {
    removeIfThere(folder);
  }
}

/** One job of the probe, from its submission until nothing of it is left in the queue. */
class ProbeJob {
  readonly #scheduler: SlurmScheduler;
  readonly #name: string;
  readonly #files: ReturnType<typeof probeFiles>;

  constructor(
    private readonly probe: ExportProbe,
    private readonly place: { folder: string; mode: ExportMode; token: string },
  ) {
    const { runner, clock } = probe;
    const marked: Runner = {
      ...runner,
      run: (command) =>
        runner.run({ ...command, env: { ...command.env, [PROBE_VARIABLE]: place.token } }),
    };
    this.#scheduler = new SlurmScheduler({ runner: marked, clock, exported: place.mode });
    this.#name = `expflow-probe-${place.token}-${place.mode}`;
    this.#files = probeFiles(place);
  }

  async run(end: number): Promise<ExportTreatment> {
    const { mode } = this.place;
    let job: string | undefined;
    try {
      job = await this.#submit();
      const why = await this.#wait(job, end);
      const { batch, srun } = this.#files;
      const read = (file: string) => parseFacts(readIfThere(file) ?? "");
      return { mode, job, batch: read(batch), srun: read(srun), ...(why ? { why } : {}) };
    } catch (error) {
      if (!(error instanceof ExpflowError)) throw error;
      return { mode, job, why: error.message };
    } finally {
      await this.#cancel(job);
    }
  }

  async #submit(): Promise<string> {
    const { partition, account } = this.probe;
    const { script } = this.#files;
    writeWhole(script, probeScript({ ...this.place, name: this.#name, partition, account }));
    try {
      return await this.#scheduler.submit({ script, dependencies: [] });
    } catch (error) {
      if (!(error instanceof UncertainSubmissionError)) throw error;
      const [found] = await this.#scheduler.findByName(this.#name);
      if (found === undefined) throw error;
      return found;
    }
  }

  /** @returns why there is nothing to read, if so. */
  async #wait(job: string, end: number): Promise<string | undefined> {
    const { clock, signal, timeoutMs } = this.probe;
    const { srun } = this.#files;
    let late = 0;
    for (let polls = 0;; polls++) {
      if (exists(srun)) return undefined;
      if (exists(`${srun}.failed`)) return this.#complaint("srun failed");
      if (signal?.aborted) return "it was interrupted";
      if (clock.now() >= end) return `it did not run within ${Math.round(timeoutMs / 1000)} s`;
      const state = polls % 3 === 2 ? await this.#endedAs(job) : undefined;
      if (state && ++late > LATE_POLLS) return this.#complaint(`it ended as ${state}`);
      await clock.sleep(POLL_MS);
    }
  }

  /** What the job wrote last, which says why. */
  #complaint(what: string): string {
    const last = readIfThere(this.#files.output)?.trim().split("\n").at(-1);
    return last ? `${what}: ${last}` : what;
  }

  async #endedAs(job: string): Promise<string | undefined> {
    const report = (await this.#scheduler.states([job])).get(job);
    const task = report?.known ? report.tasks[0] : undefined;
    if (!task || !isOver(task.state)) return undefined;
    return task.reason ? `${task.state} (${task.reason})` : task.state;
  }

  async #cancel(job: string | undefined): Promise<void> {
    if (job === undefined) return;
    try {
      await this.#scheduler.cancel([{ job }]);
    } catch (error) {
      if (!(error instanceof SchedulerError)) throw error; // it ends by itself after two minutes
    }
  }
}
