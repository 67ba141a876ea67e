import { join } from "node:path";
import { work } from "../../lib/queue/worker.ts";
import type { WorkerOrders, WorkerSettings } from "../../lib/queue/working.ts";
import { systemClock } from "../../lib/system/clock.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import type { Sandbox } from "./harness.ts";

const SETTINGS: Omit<WorkerSettings, "queue"> = {
  cpus: 4,
  gpus: [],
  variables: {},
  linger: Infinity,
  killWait: 1,
};

/** The queue of a project. */
export function queueOf(project: string): string {
  return join(project, ".expflow", "queue");
}

/** Works on a queue until nothing is left, or `orders` say so. */
export async function workOn(
  queue: string,
  settings: Partial<WorkerSettings>,
  orders: WorkerOrders = {},
): Promise<void> {
  await work({ ...SETTINGS, queue, ...settings }, {
    runner: denoRunner,
    clock: systemClock,
    tell: () => {},
  }, orders);
}

/** Workers of this process, which wait for what comes until they are disposed of. */
export class Workers implements AsyncDisposable {
  readonly #orders: WorkerOrders = {};
  readonly #all: Promise<void>[];

  constructor(project: string, count = 1, settings: Partial<WorkerSettings> = {}) {
    this.#all = Array.from(
      { length: count },
      () => workOn(queueOf(project), settings, this.#orders),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#orders.order = "stop";
    await Promise.all(this.#all);
  }
}

/** A worker as a process of its own, so that it can be killed or stopped. */
export function spawnWorker(box: Sandbox, project: string): Deno.ChildProcess {
  const entry = join(import.meta.dirname!, "queue_worker_entry.ts");
  return box.spawn([queueOf(project)], { cwd: project, entry });
}
