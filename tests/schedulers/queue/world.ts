import { ConflictError } from "../../../lib/core/errors.ts";
import {
  claimNext,
  claimPath,
  fillBlock,
  lookAround,
  type Seeker,
} from "../../../lib/schedulers/queue/claim.ts";
import { perform } from "../../../lib/schedulers/queue/disk.ts";
import { endClaim, giveBack } from "../../../lib/schedulers/queue/end.ts";
import {
  type Claim,
  claimName,
  doneFolder,
  doneName,
  parseBlock,
  parseClaim,
  parseDone,
  parseItem,
  queueLayout,
} from "../../../lib/schedulers/queue/places.ts";
import { type Recoverer, recoverWorker } from "../../../lib/schedulers/queue/recover.ts";
import { exists, type Steps } from "../../../lib/schedulers/queue/steps.ts";
import type { Participant, World } from "./explorer.ts";
import { MemoryFiles } from "./memory_files.ts";

/** The parts of the protocol, so that broken ones can be put in their place. */
export const PROTOCOL = { claimNext, endClaim, giveBack, recoverWorker, fillBlock };
/** See {@linkcode PROTOCOL}. */
export type Protocol = typeof PROTOCOL;

export const LAYOUT = queueLayout("/q");
const NOW = 1000;
const END = { how: "end", code: 0, started: NOW, ended: NOW } as const;
/** Who recovers at the end what crashed workers had. */
const LAST = "last";

/** What a job of the model is. */
export interface ModelJob {
  tasks: number;
  blockSize: number;
  throttle?: number;
  maxRestarts?: number;
}

/** Job 1 of a queue, its workers, and what each of them believes. */
export class QueueWorld implements World {
  readonly files: MemoryFiles;
  readonly participants: Participant[] = [];
  /** Whether only fresh listings keep its promises. */
  readonly exact: boolean;
  readonly #job: ModelJob;
  readonly #protocol: Protocol;
  /** Claims that workers believe they have. */
  readonly #held = new Set<string>();
  readonly #running = new Set<string>();
  readonly #begun = new Set<string>();
  readonly #accepted: string[] = [];
  readonly #recovered = new Set<string>();

  constructor(job: ModelJob, protocol: Protocol, paths: readonly string[]) {
    const folders = ["jobs", "open", "making", "ready", "claimed", "done", "wishes"];
    const all = [...folders.map((name) => `${name}/`), ...paths, `making/${LAST}/`];
    this.files = new MemoryFiles(all.map((path) => `/q/${path}`));
    this.#job = job;
    this.exact = job.throttle !== undefined;
    this.#protocol = protocol;
  }

  /** Claims and runs up to so many items. */
  worker(name: string, most: number): this {
    return this.#add(name, function* (world) {
      for (let count = 0; count < most; count++) {
        const view = yield* lookAround({ layout: LAYOUT });
        const claim = yield* world.#protocol.claimNext(world.seeker(name), view);
        if (!claim) return;
        world.#begin(claim);
        if (world.exact) yield* world.#run(claim);
        yield* world.#finish(claim);
      }
    });
  }

  /** Has an item from the beginning, and completes it. */
  completing(name: string, claimed: string): this {
    const claim = parseClaim(name, claimed)!;
    this.#begin(claim);
    return this.#add(name, (world) => world.#finish(claim));
  }

  /** Has an item from the beginning, and gives it back; with `more` 0 one that it has not started. */
  givingBack(name: string, claimed: string, more = 1): this {
    const claim = parseClaim(name, claimed)!;
    if (more > 0) this.#begin(claim);
    else this.#hold(claim);
    return this.#add(name, function* (world) {
      yield* world.#protocol.giveBack(LAYOUT, claim, claim.restart + more);
      world.#forget(claim);
    });
  }

  /** Has a block from the beginning, and makes its items. */
  filling(name: string, block: string): this {
    return this.#add(name, function* (world) {
      const tasks = world.#tasksOf(parseBlock(block)!.block);
      yield* world.#protocol.fillBlock(world.seeker(name), parseBlock(block)!, tasks);
    });
  }

  /** Ends, and takes from itself what it may still have. */
  leaving(name: string): this {
    return this.recovering(name, name);
  }

  /** Takes everything from a worker. */
  recovering(name: string, lost: string): this {
    return this.#add(name, function* (world) {
      yield* world.#protocol.recoverWorker(world.#recoverer(name), lost);
      world.#recovered.add(lost);
    });
  }

  /** Does something of the protocol that believes nothing afterwards. */
  doing(name: string, steps: () => Steps<unknown>): this {
    return this.#add(name, steps);
  }

  memory(): string {
    const parts = [this.#held, this.#running, this.#begun, this.#accepted, this.#recovered];
    return parts.map((part) => [...part].sort().join(" ")).join("|");
  }

  check(): void {
    const places = this.#places();
    const unmade = this.#unmade();
    for (let task = 0; task < this.#job.tasks; task++) {
      const found = places.filter((place) => place.task === task);
      const waits = unmade.some(({ block }) => block === Math.floor(task / this.#job.blockSize));
      if (found.length > 1) throw new Error(`task ${task} is in ${found.length} places`);
      if (found.length === 0 && !waits) throw new Error(`task ${task} is nowhere`);
    }
    for (const worker of this.#recovered) {
      if (!this.files.has(`/q/claimed/${worker}`) && !this.files.has(`/q/making/${worker}`)) {
        continue;
      }
      throw new Error(`${worker} was recovered and has a folder`);
    }
    if (this.#running.size > (this.#job.throttle ?? Infinity)) {
      throw new Error(`${this.#running.size} tasks run at once`);
    }
  }

  checkEnd(crashed: ReadonlySet<string>): void {
    for (const worker of crashed) {
      if (this.#recovered.has(worker)) continue;
      perform(
        recoverWorker(this.#recoverer(LAST), worker),
        (step) => this.files.answer(step),
      );
      for (const claim of this.#held) if (claim.startsWith(`${worker}/`)) this.#held.delete(claim);
    }
    this.check();
    for (const { place, worker, name } of this.#places()) {
      if (place === "claimed" && !this.#held.has(`${worker}/${name}`)) {
        throw new Error(`${worker} has ${name}, and does not know`);
      }
    }
    for (const { place, block } of this.#unmade()) {
      if (place === "making") throw new Error(`nobody makes items of block ${block}`);
      if (!this.files.paths().some((path) => /^\/q\/open\/\d{4}\.00000001$/.test(path))) {
        throw new Error(`nobody looks for block ${block}: its job is not open`);
      }
    }
  }

  /** What a worker is to the protocol. */
  seeker(worker: string): Seeker {
    return {
      layout: LAYOUT,
      worker,
      now: () => NOW,
      takes: () => true,
      throttle: () => this.#job.throttle ?? Infinity,
      released: (_, block) => this.#tasksOf(block),
    };
  }

  #recoverer(worker: string): Recoverer {
    const { maxRestarts = 3 } = this.#job;
    return {
      ...this.seeker(worker),
      maxRestarts: () => maxRestarts,
      remaining: (_, block) => this.#tasksOf(block),
    };
  }

  #add(name: string, steps: (world: this) => Steps<unknown>): this {
    // deno-lint-ignore no-this-alias
    const world = this;
    this.participants.push({
      name,
      *steps() {
        try {
          yield* steps(world);
        } catch (error) {
          if (!(error instanceof ConflictError)) throw error;
        }
      },
    });
    return this;
  }

  #begin(claim: Claim): void {
    const attempt = `${claim.task}.${claim.restart}`;
    if (this.#begun.has(attempt)) throw new Error(`attempt ${attempt} began twice`);
    this.#begun.add(attempt);
    this.#hold(claim);
  }

  #hold(claim: Claim): void {
    this.#held.add(`${claim.worker}/${claimName(claim)}`);
  }

  /** Takes a while. */
  *#run(claim: Claim): Steps<void> {
    this.#running.add(claimName(claim));
    yield* exists(claimPath(LAYOUT, claim));
    this.#running.delete(claimName(claim));
  }

  *#finish(claim: Claim): Steps<void> {
    const accepted = yield* this.#protocol.endClaim(LAYOUT, claim, END);
    this.#forget(claim);
    if (!accepted) return;
    const name = doneName({ ...END, ...claim });
    if (!this.files.has(`${doneFolder(LAYOUT, claim)}/${name}`)) {
      throw new Error(`${claim.worker} completed ${name}, which is not so`);
    }
    if (this.#accepted.includes(String(claim.task))) throw new Error(`${name} completed twice`);
    this.#accepted.push(String(claim.task));
  }

  #forget(claim: Claim): void {
    this.#held.delete(`${claim.worker}/${claimName(claim)}`);
  }

  #tasksOf(block: number): number[] {
    const { tasks, blockSize } = this.#job;
    const first = block * blockSize;
    return Array.from({ length: Math.min(blockSize, tasks - first) }, (_, index) => first + index);
  }

  /** Every item, wherever it lies. */
  #places(): Placed[] {
    return this.files.paths().flatMap((path) => placed(path) ?? []);
  }

  /** Blocks that are not ready yet. */
  #unmade(): Unmade[] {
    return this.files.paths().flatMap((path) => unmade(path) ?? []);
  }
}

/** An item, and where it lies. */
type Placed = { place: string; worker: string; name: string; task: number };
/** A block that is not ready yet. */
type Unmade = { place: "waiting" | "making"; block: number };

/** Paths come again and again. */
function remembered<T>(parse: (path: string) => T): (path: string) => T {
  const known = new Map<string, T>();
  return (path) => {
    if (!known.has(path)) known.set(path, parse(path));
    return known.get(path)!;
  };
}

const placed = remembered((path): Placed | undefined => {
  const [place = "", worker = "", ...rest] = path.slice("/q/".length).split("/");
  const name = rest.at(-1) ?? "";
  const parse = { claimed: (text: string) => parseClaim(worker, text), done: parseDone }[place];
  const item = (parse ?? parseItem)(name);
  return item && { place, worker, name, task: item.task };
});

const unmade = remembered((path): Unmade | undefined => {
  const waiting = /^\/q\/jobs\/1\/waiting\/(\d+)\/$/.exec(path);
  if (waiting) return { place: "waiting", block: Number(waiting[1]) };
  const making = /^\/q\/making\/[^/]+\/([^/]+)\/$/.exec(path);
  const block = making ? parseBlock(making[1]!) : undefined;
  return block && { place: "making", block: block.block };
});
