import { parseJobName } from "../core/job_name.ts";
import type { KnownJob } from "../schedulers/queue/job.ts";
import type { Claim, QueueLayout } from "../schedulers/queue/places.ts";
import { memoryFolder, MemoryLearner } from "./gpu/learned_memory.ts";
import { MemoryWatch } from "./gpu/memory_watch.ts";
import type { Working } from "./working.ts";

/** Milliseconds until a task is looked at, which double with each look; and the most of them. */
const [FIRST, MOST] = [2000, 60_000];

/** What decides whether and how tasks of a worker are watched. */
export type Watching = Pick<Working, "settings" | "system" | "id"> & {
  place: { layout: Pick<QueueLayout, "folder"> };
};

/**
 * Learns how much GPU memory the tasks of a worker need, beside them: no start and no end of a task
 * waits for it, and nothing that fails in it is a failure of theirs. Where tasks have no GPUs, or
 * GPUs whose model is not known, it asks nothing.
 */
export class TaskMemory {
  readonly #watch: MemoryWatch;
  readonly #model?: string;
  #useless = false;

  constructor({ settings, system, place, id }: Watching) {
    const learner = new MemoryLearner(memoryFolder(place.layout), id);
    this.#watch = new MemoryWatch(system.runner, learner);
    this.#model = settings.gpuModel;
  }

  /** Watches a task, until what it returns is called. */
  watch({ spec }: KnownJob, claim: Claim, pids: () => Promise<number[]>): () => void {
    const subject = parseJobName(spec.name ?? "");
    const model = this.#model;
    if (!subject || model === undefined || spec.gpus === 0 || this.#useless) return () => {};
    const run = `${claim.job}.${claim.task}.${claim.restart}`;
    this.#watch.begin(run, { class: { ...subject, model }, pids });
    let wait = FIRST;
    let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(look, wait);
    const watching = (): boolean => timer !== undefined && !this.#useless;
    const sample = () => this.#sample();
    async function look(): Promise<void> {
      await sample();
      wait = Math.min(2 * wait, MOST);
      if (watching()) timer = setTimeout(look, wait);
    }
    return () => {
      clearTimeout(timer);
      timer = undefined;
      this.#end(run);
    };
  }

  async #sample(): Promise<void> {
    try {
      this.#useless = !await this.#watch.sample();
    } catch {
      this.#useless = true;
    }
  }

  /** A full disk ends no worker: then nothing is learnt. */
  #end(run: string): void {
    try {
      this.#watch.end(run);
    } catch {
      this.#useless = true;
    }
  }
}
