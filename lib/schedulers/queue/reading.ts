import { join } from "node:path";
import { positionOf } from "../batch/tasks.ts";
import { allClaims } from "./claim.ts";
import { perform } from "./disk.ts";
import { type KnownJob, readJob } from "./job.ts";
import { presences, QUIET } from "./presence.ts";
import type { WorkerRecord } from "./workers.ts";
import { type Claim, type Done, parseDone, type QueueLayout, type Wish } from "./places.ts";
import { list } from "./steps.ts";
import { currentWishes } from "./wishes.ts";

/** How far a task may start, as its job's dependencies go. */
export type Gate = { open: true } | { open: false } | { never: number };

/** A job and what is known of its tasks. Those in none of the maps wait. */
export interface JobView {
  known: KnownJob;
  done: Map<number, Done>;
  claims: Map<number, Claim>;
  /** When the whole job was cancelled, in seconds since 1970. */
  cancelled?: number;
  /** Task → when it was cancelled. */
  cancelledTasks: Map<number, number>;
  /** Whether somebody holds the whole job. */
  held: boolean;
  heldTasks: Set<number>;
}

/** Looks at the queue once; each job is read when it is first asked for. */
export class QueueReading {
  readonly #layout: QueueLayout;
  readonly #known: Map<number, KnownJob>;
  readonly #views = new Map<number, JobView | undefined>();
  readonly #gates = new Map<number, (task: number) => Gate>();
  #blocks?: Map<number, string[]>;
  #claims?: Map<number, Claim[]>;
  #wishes?: Wish[];
  #present?: WorkerRecord[];

  /** @param known jobs that were read before, which never change; more are added. */
  constructor(layout: QueueLayout, known: Map<number, KnownJob> = new Map()) {
    this.#layout = layout;
    this.#known = known;
  }

  /** A job as it was submitted. */
  job(id: number): KnownJob | undefined {
    const known = this.#known.get(id) ?? readJob(this.#layout, id);
    if (known) this.#known.set(id, known);
    return known;
  }

  /** A job and its tasks. */
  view(id: number): JobView | undefined {
    if (!this.#views.has(id)) this.#views.set(id, this.#look(id));
    return this.#views.get(id);
  }

  /** The workers that were heard of lately. */
  get present(): readonly WorkerRecord[] {
    this.#present ??= presences(this.#layout)
      .flatMap(({ record, silent = Infinity }) => record && silent <= QUIET ? [record] : []);
    return this.#present;
  }

  #look(id: number): JobView | undefined {
    const known = this.job(id);
    if (!known) return undefined;
    const done = new Map<number, Done>();
    for (const folder of this.#doneFolders(id)) {
      for (const name of perform(list(join(this.#layout.done, folder))) ?? []) {
        const one = parseDone(name);
        if (one) done.set(one.task, one);
      }
    }
    const wishes = this.#allWishes().filter(({ job }) => job === id);
    const cancels = wishes.filter(({ kind }) => kind === "cancel");
    const holds = wishes.filter(({ kind }) => kind === "hold");
    const whole = cancels.find(({ task }) => task === undefined);
    return {
      known,
      done,
      claims: new Map(this.#claimsOf(id).map((claim) => [claim.task, claim])),
      ...whole ? { cancelled: whole.epoch } : {},
      cancelledTasks: new Map(cancels.map(({ task = -1, epoch }) => [task, epoch])),
      held: holds.some(({ task }) => task === undefined),
      heldTasks: new Set(holds.map(({ task = -1 }) => task)),
    };
  }

  #doneFolders(id: number): string[] {
    this.#blocks ??= Map.groupBy(
      (perform(list(this.#layout.done)) ?? []).sort(),
      (name) => Number(name.split(".")[0]),
    );
    return this.#blocks.get(id) ?? [];
  }

  #claimsOf(id: number): Claim[] {
    this.#claims ??= Map.groupBy(perform(allClaims(this.#layout)), ({ job }) => job);
    return this.#claims.get(id) ?? [];
  }

  #allWishes(): Wish[] {
    this.#wishes ??= perform(currentWishes(this.#layout));
    return this.#wishes;
  }

  /** Whether dependencies let a task of a job start. */
  gate(id: number): (task: number) => Gate {
    const kept = this.#gates.get(id);
    if (kept) return kept;
    this.#gates.set(id, () => ({ open: false })); // a circle would be no end
    const made = this.#makeGate(id);
    this.#gates.set(id, made);
    return made;
  }

  #makeGate(id: number): (task: number) => Gate {
    const job = this.job(id);
    const gates = (job?.spec.dependencies ?? []).map(({ type, job: on }) => {
      const before = this.view(on);
      if (!before) return () => ({ open: false }) as const;
      const byTask = type === "aftercorr" && before.known.spec.array !== undefined &&
        job!.spec.array !== undefined;
      if (byTask) return (task: number) => this.#afterTask(before, task);
      const gate = this.#afterAll(before, type !== "afterany");
      return () => gate;
    });
    return (task) => {
      const all = gates.map((gate) => gate(task));
      return all.find((gate) => "never" in gate) ??
        all.find((gate) => "open" in gate && !gate.open) ??
        { open: true };
    };
  }

  #afterTask(before: JobView, task: number): Gate {
    if (positionOf(before.known.indices, task) < 0) return { open: true };
    const outcome = this.outcome(before, task);
    if (outcome === undefined) return { open: false };
    return outcome.ok ? { open: true } : { never: outcome.ended };
  }

  #afterAll(before: JobView, success: boolean): Gate {
    let waits = false;
    for (const task of before.known.indices) {
      const outcome = this.outcome(before, task);
      if (outcome === undefined) waits = true;
      else if (success && !outcome.ok) return { never: outcome.ended };
      if (waits && !success) break;
    }
    return { open: !waits } as Gate;
  }

  /** How a task came to its end; `undefined` while it has not. */
  outcome(view: JobView, task: number): { ok: boolean; ended: number } | undefined {
    const done = view.done.get(task);
    if (done) return { ok: done.how === "end" && done.code === 0, ended: done.ended };
    if (view.claims.has(task)) return undefined;
    const cancelled = view.cancelled ?? view.cancelledTasks.get(task);
    if (cancelled !== undefined) return { ok: false, ended: cancelled };
    const gate = this.gate(view.known.id)(task);
    return "never" in gate ? { ok: false, ended: gate.never } : undefined;
  }
}
