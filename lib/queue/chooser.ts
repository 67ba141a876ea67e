import { claimPath, isWished, type Seeker, type View } from "../schedulers/queue/claim.ts";
import { perform } from "../schedulers/queue/disk.ts";
import type { KnownJob } from "../schedulers/queue/job.ts";
import type { Claim, QueueLayout, Wish } from "../schedulers/queue/places.ts";
import { QueueReading } from "../schedulers/queue/reading.ts";
import { currentWishes } from "../schedulers/queue/wishes.ts";
import { epochSeconds } from "../system/clock.ts";
import { exists } from "../system/files.ts";
import type { Ending } from "./attend.ts";
import { releasedTasks } from "./released.ts";
import { RESERVE, type Working } from "./working.ts";

/** Decides for a worker what it takes, and what happens to what it runs. */
export class Chooser implements Seeker {
  readonly layout: QueueLayout;
  readonly worker: string;
  readonly #working: Working;
  readonly #known = new Map<number, KnownJob>();
  #reading: QueueReading;
  #wishes: readonly Wish[] = [];

  constructor(working: Working) {
    this.#working = working;
    this.layout = working.place.layout;
    this.worker = working.id;
    this.#reading = new QueueReading(this.layout, this.#known);
  }

  /** Takes in what was seen of the queue just now. */
  refresh({ wishes }: View): void {
    this.#wishes = wishes;
    this.#reading = new QueueReading(this.layout, this.#known);
  }

  now(): number {
    return epochSeconds(this.#working.system.clock);
  }

  job(id: number): KnownJob | undefined {
    return this.#reading.job(id);
  }

  takes(id: number): boolean {
    const { cpus, gpus, until = Infinity } = this.#working.settings;
    const job = this.job(id);
    if (!job) return false;
    const { spec } = job;
    const left = until - RESERVE - this.now();
    return spec.cpus <= cpus && spec.gpus <= gpus.length && left > 0 &&
      (spec.timeLimit ?? 0) <= left;
  }

  throttle(id: number): number {
    return this.job(id)?.throttle ?? Infinity;
  }

  released(id: number, block: number): number[] | undefined {
    const job = this.job(id);
    if (!job) return undefined;
    if (isWished(this.#wishes, "cancel", id)) return [];
    return releasedTasks(this.#reading, job, block);
  }

  /** What is asked of a task that runs. */
  asked(claim: Claim): Ending | undefined {
    if (this.#working.orders.order === "stop") return "again";
    if (!exists(claimPath(this.layout, claim)) && exists(this.layout.version)) return "lost";
    return askedBy(perform(currentWishes(this.layout)), claim);
  }
}

/** What wishes ask of a claim. */
export function askedBy(wishes: readonly Wish[], claim: Claim): "cancel" | "again" | undefined {
  if (isWished(wishes, "cancel", claim.job, claim.task)) return "cancel";
  const again = wishes.some(({ kind, job, task, epoch }) =>
    kind === "requeue" && job === claim.job && task === claim.task && epoch >= claim.since
  );
  return again ? "again" : undefined;
}
