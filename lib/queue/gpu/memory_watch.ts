import type { Runner } from "../../system/runner.ts";
import type { MemoryClass, MemoryLearner } from "./learned_memory.ts";
import { type Peak, peaksWith, sampleGpus } from "./memory_use.ts";

/** A run whose GPU memory is watched. */
export interface WatchedRun {
  /** What it is of; runs on a GPU whose model is not known are not watched. */
  class: MemoryClass;
  /** Its processes now. */
  pids(): number[] | Promise<number[]>;
}

/** Learns how much GPU memory runs need, from samples: one question to nvidia-smi for all of them. */
export class MemoryWatch {
  readonly #runner: Runner;
  readonly #learner: MemoryLearner;
  readonly #runs = new Map<string, WatchedRun>();
  #peaks = new Map<string, Peak>();

  constructor(runner: Runner, learner: MemoryLearner) {
    this.#runner = runner;
    this.#learner = learner;
  }

  /** From now on, samples look at this run. */
  begin(run: string, watched: WatchedRun): void {
    this.#runs.set(run, watched);
  }

  /**
   * Looks once. @returns false where nvidia-smi does not answer: it is better not asked again soon.
   */
  async sample(): Promise<boolean> {
    if (this.#runs.size === 0) return true;
    const uses = await sampleGpus(this.#runner);
    if (!uses) return false;
    const all = Array.from(this.#runs, async ([run, { pids }]) => [run, await pids()] as const);
    const now = new Map(await Promise.all(all));
    for (const run of now.keys()) if (!this.#runs.has(run)) now.delete(run); // it ended meanwhile
    this.#peaks = peaksWith(this.#peaks, uses, now);
    return true;
  }

  /** A run is over, however it ended. @returns what was seen of it, which is learnt. */
  end(run: string): Peak | undefined {
    const [watched, peak] = [this.#runs.get(run), this.#peaks.get(run)];
    this.#runs.delete(run);
    this.#peaks.delete(run);
    if (watched && peak) this.#learner.add(watched.class, peak.memory);
    return peak;
  }
}
