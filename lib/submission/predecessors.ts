import type { Marker } from "../core/markers.ts";
import {
  type DependencyType,
  isOver,
  type JobReport,
  type JobRequest,
  type Scheduler,
} from "../schedulers/scheduler.ts";
import { chunkKey, readMarkers } from "../store/journal.ts";
import type { Layout } from "../store/layout.ts";
import type { ChunkDependency, Plan, PlannedChunk } from "../store/plan.ts";

/** A job that a chunk waits for. */
interface Predecessor {
  dependency: ChunkDependency;
  job: string;
}

/** What the scheduler is asked for; the rest is the script's. */
export function askedOf({ taskwise, guarded, type }: ChunkDependency): DependencyType {
  return taskwise ? "aftercorr" : guarded ? "afterany" : type;
}

/**
 * What jobs of one plan still have to wait for. A dependency on a job that is over is left out: the
 * scheduler may have forgotten that job, and then some versions start the dependent although it
 * failed, and others refuse it although it succeeded. The script looks at the markers itself.
 */
export class Predecessors {
  readonly #succeeded = new Map<string, ReadonlySet<string>>();
  #reports: ReadonlyMap<string, JobReport> = new Map();

  /**
   * @param fresh keys of chunks that are submitted now: their jobs are known to the scheduler.
   * @param jobs job of each chunk that has one.
   */
  constructor(
    private readonly layout: Layout,
    private readonly plan: Plan,
    private readonly jobs: ReadonlyMap<string, string>,
    private readonly fresh: ReadonlySet<string>,
  ) {}

  /** Asks, once, about the jobs these chunks wait for that may be over. */
  async ask(scheduler: Scheduler, chunks: readonly PlannedChunk[]): Promise<void> {
    const doubtful = chunks.flatMap((chunk) => {
      return this.#of(chunk).filter((one) => this.#mayBeOver(chunk, one));
    });
    const asked = [...new Set(doubtful.map(({ job }) => job))];
    if (asked.length > 0) this.#reports = await scheduler.states(asked);
  }

  /** The dependencies that a chunk is submitted with. */
  requested(chunk: PlannedChunk): JobRequest["dependencies"] {
    return this.#of(chunk).filter((one) => !this.#isOver(chunk, one))
      .map(({ dependency, job }) => ({ type: askedOf(dependency), job }));
  }

  /** The chunks of this plan that must be submitted before. */
  before(chunk: PlannedChunk): string[] {
    return chunk.after.flatMap(({ chunk: number }) =>
      number === undefined ? [] : [chunkKey(this.plan.chunks[number]!)]
    );
  }

  /** In the place of a chunk that was cancelled unsubmitted stands what that one came after. */
  #of(chunk: PlannedChunk): Predecessor[] {
    return chunk.after.flatMap((dependency): Predecessor[] => {
      if (dependency.job !== undefined) return [{ dependency, job: dependency.job }];
      const before = this.plan.chunks[dependency.chunk!]!;
      const job = this.jobs.get(chunkKey(before));
      if (job !== undefined) return [{ dependency, job }];
      return before.stage === chunk.stage
        ? this.#of(before).filter((one) => one.dependency.stage === chunk.stage)
        : [];
    });
  }

  #isFresh({ chunk }: ChunkDependency): boolean {
    return chunk !== undefined && this.fresh.has(chunkKey(this.plan.chunks[chunk]!));
  }

  #mayBeOver(chunk: PlannedChunk, { dependency }: Predecessor): boolean {
    return !this.#isFresh(dependency) && !this.#hasSucceeded(chunk, dependency);
  }

  #isOver(chunk: PlannedChunk, predecessor: Predecessor): boolean {
    const { dependency, job } = predecessor;
    if (this.#isFresh(dependency)) return false;
    if (this.#hasSucceeded(chunk, dependency)) return true;
    const report = this.#reports.get(job);
    return report?.known === true && report.tasks.every(({ state }) => isOver(state));
  }

  /** Whether each run of the chunk has succeeded in the stage before. */
  #hasSucceeded(chunk: PlannedChunk, { stage, submission, chunk: before }: ChunkDependency) {
    const runs = chunk.stage === stage ? this.plan.chunks[before!]!.runs : chunk.runs;
    const succeeded = this.#successes(submission ?? this.plan.submission);
    return runs.every((run) => succeeded.has(`${run}.${stage}`));
  }

  #successes(submission: string): ReadonlySet<string> {
    const known = this.#succeeded.get(submission);
    if (known) return known;
    const markers = readMarkers(this.layout.state(this.plan.experiment, submission));
    const found = new Set(newestSuccesses(markers));
    this.#succeeded.set(submission, found);
    return found;
  }
}

/** `run.stage` of those whose newest attempt ended with 0. */
function newestSuccesses(markers: readonly Marker[]): string[] {
  const byStage = Map.groupBy(markers, ({ run, stage }) => `${run}.${stage}`);
  return [...byStage].flatMap(([key, all]) => {
    const newest = Math.max(...all.map(({ attempt }) => attempt));
    const ended = all.some(({ attempt, event, code }) =>
      attempt === newest && event === "end" && code === 0
    );
    return ended ? [key] : [];
  });
}
