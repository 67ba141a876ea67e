import { ConflictError } from "../../../lib/core/errors.ts";
import {
  claimNext,
  claimPath,
  lookAround,
  type Seeker,
} from "../../../lib/schedulers/queue/claim.ts";
import { endClaim } from "../../../lib/schedulers/queue/end.ts";
import {
  blockName,
  type Claim,
  claimName,
  openName,
  parseBlock,
  parseClaim,
  parseDone,
  parseItem,
  queueLayout,
} from "../../../lib/schedulers/queue/places.ts";
import { recoverWorker } from "../../../lib/schedulers/queue/recover.ts";
import {
  type Answer,
  exists,
  makeFolder,
  type Step,
  type Steps,
} from "../../../lib/schedulers/queue/steps.ts";
import { seededDraw } from "../../../lib/results/statistics/random.ts";
import type { Outcome, Simulated } from "./simulated.ts";
import { LateClients } from "./late_clients.ts";
import { MemoryFiles } from "./memory_files.ts";

const LAYOUT = queueLayout("/q");
const MOST_TICKS = 300_000;

interface Process {
  name: string;
  steps: Steps<unknown>;
  next?: Step;
  /** Not before this tick. */
  wakes: number;
}

/** Many workers at many jobs, in one random order of steps, with clients that see the past. */
export class Simulation {
  readonly #what: Simulated;
  readonly #random: () => number;
  readonly #files: MemoryFiles;
  readonly #processes: Process[] = [];
  readonly #clients: LateClients;
  /** Item → since which tick it is ready. */
  readonly #ready = new Map<string, number>();
  readonly #running = new Map<string, Claim>();
  readonly #outcome: Outcome = { ticks: 0, accepted: new Map(), refused: 0, wrong: [], done: [] };
  readonly #total: number;
  #named = 0;

  constructor(what: Simulated) {
    this.#what = what;
    const draw = seededDraw(what.seed);
    this.#random = () => draw(2 ** 30) / 2 ** 30;
    this.#total = what.jobs.reduce((sum, { tasks }) => sum + tasks, 0);
    const places = ["ready", "claimed", "making", "done", "wishes", "open"];
    const jobs = what.jobs.flatMap(({ tasks, blockSize, priority }, index) => [
      `open/${openName({ priority, job: index + 1 })}`,
      ...Array.from(
        { length: Math.ceil(tasks / blockSize) },
        (_, block) => `jobs/${index + 1}/waiting/${block}/`,
      ),
    ]);
    this.#files = new MemoryFiles([...places.map((name) => `${name}/`), ...jobs]
      .map((path) => `/q/${path}`));
    this.#clients = new LateClients(this.#files, what.delay);
    for (let count = 0; count < what.workers; count++) this.#startWorker();
  }

  run(): Outcome {
    const { random } = Math;
    Math.random = this.#random;
    try {
      while (this.#processes.length > 0 && this.#outcome.wrong.length === 0) {
        if (++this.#outcome.ticks > MOST_TICKS) this.#outcome.wrong.push("it does not end");
        this.#tick();
      }
    } finally {
      Math.random = random;
    }
    for (const path of this.#files.paths()) {
      const [, , place, folder = "", name = ""] = path.split("/");
      const done = place === "done" ? parseDone(name) : undefined;
      if (done) this.#outcome.done.push(`${Number(folder.split(".")[0])}_${done.task}`);
    }
    return this.#outcome;
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }

  #tick(): void {
    const { ticks } = this.#outcome;
    this.#disturb();
    const awake = this.#processes.filter(({ wakes }) => wakes <= ticks);
    if (awake.length === 0) return;
    const process = this.#pick(awake);
    const { done, value } = process.steps.next(
      process.next && this.#answer(process.name, process.next),
    );
    if (done) this.#processes.splice(this.#processes.indexOf(process), 1);
    else process.next = value;
  }

  #disturb(): void {
    const { kills, sleeps } = this.#what;
    const { ticks } = this.#outcome;
    if (kills + sleeps === 0 || this.#random() > 0.005) return;
    const victims = this.#processes.filter(({ name, wakes }) =>
      name.startsWith("w") && wakes <= ticks
    );
    if (victims.length === 0) return;
    const victim = this.#pick(victims);
    if (kills > 0 && (sleeps === 0 || this.#random() < 0.5)) {
      this.#what.kills--;
      this.#processes.splice(this.#processes.indexOf(victim), 1);
    } else {
      this.#what.sleeps--;
      victim.wakes = this.#outcome.ticks + Math.floor(this.#random() * 800);
    }
    this.#start(`r${++this.#named}`, (name) => this.#recover(name, victim.name));
    this.#startWorker();
  }

  #startWorker(): void {
    this.#start(`w${++this.#named}`, (name) => this.#work(name));
  }

  #start(name: string, steps: (name: string) => Steps<unknown>): void {
    for (const place of ["making", "claimed"]) {
      this.#files.answer({ do: "makeFolder", path: `/q/${place}/${name}` });
    }
    this.#processes.push({ name, steps: steps(name), wakes: 0 });
  }

  *#work(name: string): Steps<void> {
    const seeker = this.#seeker(name);
    try {
      while (this.#outcome.accepted.size < this.#total) {
        const since = this.#outcome.ticks;
        const view = yield* lookAround({ layout: LAYOUT });
        for (let most = 1 + Math.floor(this.#random() * 4); most > 0; most--) {
          const claim = yield* claimNext(seeker, view);
          if (!claim) break;
          this.#begin(claim, since);
          for (let time = this.#random() * 20; time > 0; time--) {
            yield* exists(claimPath(LAYOUT, claim));
          }
          this.#running.delete(keyOf(claim));
          yield* this.#finish(claim);
        }
        this.#rest(name);
        yield* exists(LAYOUT.version);
      }
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  /** As a worker does that finds nothing, for a while that is longer than listings are late. */
  #rest(name: string): void {
    const process = this.#processes.find((one) => one.name === name)!;
    process.wakes = this.#outcome.ticks + Math.floor(this.#random() * (50 + 2 * this.#what.delay));
  }

  *#finish(claim: Claim): Steps<void> {
    const end = { how: "end", code: 0, started: 1, ended: this.#outcome.ticks } as const;
    if (!(yield* endClaim(LAYOUT, claim, end))) {
      this.#outcome.refused++;
      return;
    }
    const key = `${claim.job}_${claim.task}`;
    const times = (this.#outcome.accepted.get(key) ?? 0) + 1;
    this.#outcome.accepted.set(key, times);
    if (times > 1) this.#outcome.wrong.push(`${key} was completed ${times} times`);
  }

  *#recover(name: string, lost: string): Steps<void> {
    yield* makeFolder(`/q/claimed/${name}`);
    yield* recoverWorker({
      ...this.#seeker(name),
      remaining: (job, block) => this.#tasksOf(job, block),
      maxRestarts: () => Infinity,
    }, lost);
  }

  #begin(claim: Claim, looked: number): void {
    // whoever was recovered in between does not know yet
    if (this.#files.has(claimPath(LAYOUT, claim))) this.#running.set(keyOf(claim), claim);
    if (this.#what.delay > 0) return;
    const { throttle = Infinity } = this.#what.jobs[claim.job - 1]!;
    const same = [...this.#running.values()].filter((one) =>
      one.job === claim.job && this.#files.has(claimPath(LAYOUT, one))
    );
    if (same.length > throttle) {
      this.#outcome.wrong.push(`${same.length} tasks of job ${claim.job} run, of ${throttle}`);
    }
    for (const [item, since] of this.#ready) {
      const block = parseBlock(item.split("/")[0]!)!;
      const free = this.#what.jobs[block.job - 1]!.throttle === undefined;
      if (free && block.priority > claim.priority && since < looked) {
        this.#outcome.wrong.push(`${claimName(claim)} was claimed before ${item}`);
      }
    }
  }

  #seeker(worker: string): Seeker {
    return {
      layout: LAYOUT,
      worker,
      now: () => 1000,
      takes: () => true,
      throttle: (job) => this.#what.jobs[job - 1]!.throttle ?? Infinity,
      released: (job, block) => {
        const { after } = this.#what.jobs[job - 1]!;
        return after === undefined || this.#isOver(worker, after)
          ? this.#tasksOf(job, block)
          : undefined;
      },
    };
  }

  /** As far as a client sees. */
  #isOver(client: string, job: number): boolean {
    const { tasks, blockSize } = this.#what.jobs[job - 1]!;
    let over = 0;
    for (let block = 0; block < Math.ceil(tasks / blockSize); block++) {
      const name = blockName({ priority: 0, job, block }).slice(5);
      over += this.#clients.list(client, `/q/done/${name}`, this.#outcome.ticks)?.length ?? 0;
    }
    return over === tasks;
  }

  #tasksOf(job: number, block: number): number[] {
    const { tasks, blockSize } = this.#what.jobs[job - 1]!;
    const first = block * blockSize;
    return Array.from({ length: Math.min(blockSize, tasks - first) }, (_, index) => first + index);
  }

  #answer(client: string, step: Step): Answer {
    const answer = this.#clients.answer(client, step, this.#outcome.ticks);
    if (step.do === "rename" && answer === true) this.#note(step.from, step.to);
    return answer;
  }

  /** Keeps track of what is ready, and that nothing is twice. */
  #note(source: string, target: string): void {
    const [from, to] = [source.slice("/q/".length), target.slice("/q/".length)];
    const { ticks } = this.#outcome;
    if (from.startsWith("ready/")) this.#ready.delete(from.slice("ready/".length));
    if (to.startsWith("ready/")) {
      const item = to.slice("ready/".length);
      if (parseItem(item.split("/")[1] ?? "")) this.#ready.set(item, ticks);
      else {
        const names = this.#files.answer({ do: "list", path: `/q/${to}` }) as string[];
        for (const name of names) this.#ready.set(`${item}/${name}`, ticks);
      }
    }
    const keys = this.#files.paths().flatMap((path) => itemOf(path) ?? []);
    if (new Set(keys).size < keys.length) this.#outcome.wrong.push("a task is in two places");
  }
}

function keyOf({ worker, ...claim }: Claim): string {
  return `${worker}/${claimName(claim)}`;
}

/** `<job>_<task>` of an item, wherever it lies. */
function itemOf(path: string): string | undefined {
  const [, , place, folder = "", name = ""] = path.split("/");
  if (place === "claimed") {
    const claim = parseClaim(folder, name);
    return claim && `${claim.job}_${claim.task}`;
  }
  const item = place === "done" ? parseDone(name) : place === "ready" ? parseItem(name) : undefined;
  const job = place === "done" ? Number(folder.split(".")[0]) : parseBlock(folder)?.job;
  return item && `${job}_${item.task}`;
}
