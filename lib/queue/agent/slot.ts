import { join } from "node:path";
import { sendSignal } from "../../schedulers/batch/processes.ts";
import type { QueueLayout } from "../../schedulers/queue/places.ts";
import { silence } from "../../schedulers/queue/workers.ts";
import type { Clock } from "../../system/clock.ts";
import { readEnd, writeWhole } from "../../system/files.ts";
import { takeFromDead } from "../recover_worker.ts";
import type { WorkerFile } from "../worker_main.ts";
import type { WorkerEnd, WorkerOrders, WorkerSettings } from "../working.ts";
import { afterDeath } from "./back_off.ts";
import { hear, parseEvent, startWorker, type Told } from "./running_worker.ts";
import type { SlotStatus } from "./status.ts";

/** What went wrong, with a worker or without any. */
export interface Complaint {
  kind: "not started" | "died" | "silent" | "given up" | "poison" | "not recovered" | "no place";
  slot?: number;
  message: string;
  [more: string]: unknown;
}

/** What the places of an agent have in common. */
export interface Around {
  layout: QueueLayout;
  /** The agent's own folder. */
  folder: string;
  clock: Clock;
  orders: WorkerOrders;
  /** How a worker is started. */
  deno: string;
  bundle: string;
  env: Record<string, string>;
  /** Seconds without a sign of life after which a worker is killed. */
  lease: number;
  complain: (what: Complaint) => void;
}

/** Ends at which a worker is not started again. */
const FOR_GOOD: ReadonlySet<WorkerEnd> = new Set<WorkerEnd>(["empty", "drained", "stopped"]);
/** Bytes of a dead worker's last words that are told. */
const LAST_WORDS = 2000;
/** Milliseconds between two looks at the orders while a worker is not running. */
const LOOK_EVERY = 500;
/** Milliseconds in which a worker that lives gives a sign of life. */
const SOON = 8000;

/** A place for one worker at a time, which is started again when it dies. */
export class Slot {
  readonly status: SlotStatus;
  readonly #around: Around;
  readonly #settings: WorkerSettings;
  #pid?: number;
  /** Since when it has been without a sign of life for too long, in milliseconds since 1970. */
  #silentSince?: number;

  constructor(around: Around, index: number, settings: WorkerSettings) {
    this.#around = around;
    this.#settings = settings;
    const { gpus, cpus } = settings;
    this.status = { slot: index, state: "starting", gpus, cpus, starts: 0, done: 0, again: 0 };
  }

  /** Has a worker here until one ends for good, or they die one after the other. */
  async keep(): Promise<void> {
    const { clock, orders } = this.#around;
    for (let deaths = 0; !orders.order;) {
      const began = clock.now();
      const { told, code } = await this.#tryOne();
      if (told.left && FOR_GOOD.has(told.left)) break;
      if (told.id !== undefined) await this.#recover(told.id);
      if (told.left === undefined && code !== undefined && !orders.order) {
        this.#tellDeath(told, code);
      }
      const lived = (clock.now() - began) / 1000;
      const next = afterDeath(deaths, { lived, ended: told.done });
      deaths = next.deaths;
      if (next.wait === undefined) return this.#giveUp(deaths);
      this.status.state = "waiting";
      await this.#pause(next.wait * 1000);
    }
    this.status.state = "ended";
  }

  /** @returns no code where none could be started, as on a full disk. */
  async #tryOne(): Promise<{ told: Told; code?: number }> {
    try {
      return await this.#runOne();
    } catch (error) {
      const message = `cannot start a worker: ${(error as Error).message}`;
      this.#around.complain(this.#complaint("not started", message));
      return { told: { done: 0, again: 0 } };
    }
  }

  async #runOne(): Promise<{ told: Told; code: number }> {
    const { status } = this;
    const base = join(this.#around.folder, String(status.slot));
    const file: WorkerFile = { version: 1, settings: this.#settings, log: `${base}.log` };
    writeWhole(`${base}.json`, `${JSON.stringify(file)}\n`);
    const { deno, bundle, env } = this.#around;
    const start = { deno, bundle, env, file: `${base}.json`, errors: `${base}.err` };
    const child = startWorker(start);
    Object.assign(status, { state: "starting", starts: status.starts + 1, pid: child.pid });
    this.#pid = child.pid;
    this.#silentSince = undefined;
    const [done, again] = [status.done, status.again];
    let told: Told = { done: 0, again: 0 };
    for await (const line of child.lines) {
      const event = parseEvent(line);
      if (!event) continue;
      told = hear(told, event);
      Object.assign(status, {
        state: "working",
        worker: told.id,
        runs: told.runs,
        done: done + told.done,
        again: again + told.again,
      });
    }
    const code = await child.code;
    this.#pid = undefined;
    Object.assign(status, { pid: undefined, runs: undefined, why: told.left ?? `code ${code}` });
    return { told, code };
  }

  /** Nobody else needs to wait for a lease: this process has seen the end of the worker. */
  async #recover(worker: string): Promise<void> {
    const { layout, clock, complain, orders } = this.#around;
    for (let tries = 1;; tries++) {
      try {
        const { again, poisoned } = takeFromDead(layout, worker, clock);
        this.status.again += again;
        if (poisoned > 0) {
          complain(this.#complaint("poison", `${poisoned} tasks ended workers too often`));
        }
        return;
      } catch (error) {
        const message = (error as Error).message;
        if (tries === 1) complain(this.#complaint("not recovered", message, { worker }));
        if (orders.order || tries > 30) return; // recovery by others finds it
        await clock.sleep(2000);
      }
    }
  }

  #tellDeath({ id, runs }: Told, code: number): void {
    const words = readEnd(join(this.#around.folder, `${this.status.slot}.err`), LAST_WORDS);
    const how = code > 128 ? `signal ${code - 128}` : `code ${code}`;
    this.#around.complain(this.#complaint("died", `its worker ended with ${how}`, {
      worker: id,
      runs,
      code,
      ...words && words.bytes.length > 0 ? { stderr: new TextDecoder().decode(words.bytes) } : {},
    }));
  }

  #giveUp(deaths: number): void {
    this.status.state = "given up";
    const message = `its workers died ${deaths} times, one after the other`;
    this.#around.complain(this.#complaint("given up", message));
  }

  #complaint(kind: Complaint["kind"], message: string, more: object = {}): Complaint {
    return { kind, slot: this.status.slot, message, ...more };
  }

  async #pause(ms: number): Promise<void> {
    const { clock, orders } = this.#around;
    const until = clock.now() + ms;
    while (clock.now() < until && !orders.order) {
      await clock.sleep(Math.min(LOOK_EVERY, until - clock.now()));
    }
  }

  /** Sends its worker a signal. */
  signal(name: string): void {
    if (this.#pid !== undefined) sendSignal(this.#pid, name);
  }

  /**
   * Kills a worker that has shown no sign of life for the length of a lease, unless it does so soon:
   * a disk may have been full for all.
   */
  look(): void {
    const { layout, lease, clock, complain } = this.#around;
    const { worker, runs } = this.status;
    if (this.#pid === undefined || worker === undefined || this.#silentSince === Infinity) return;
    const seconds = silence(layout, worker) ?? 0;
    if (seconds <= lease) return void (this.#silentSince = undefined);
    this.#silentSince ??= clock.now();
    if (clock.now() - this.#silentSince < SOON) return;
    this.#silentSince = Infinity;
    const message = `its worker gave no sign of life for ${Math.round(seconds)} s, and is killed`;
    complain(this.#complaint("silent", message, { worker, runs }));
    this.signal("SIGKILL");
  }
}
