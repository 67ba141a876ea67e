import { appendText, makeFolder } from "../../system/files.ts";
import { type Clock, epochSeconds } from "../../system/clock.ts";
import type { Runner } from "../../system/runner.ts";
import { startOfProcess } from "../../system/processes.ts";
import { openQueue } from "../../schedulers/queue/open.ts";
import type { QueueLayout } from "../../schedulers/queue/places.ts";
import { newWorkerId } from "../../schedulers/queue/workers.ts";
import { patiently } from "../patience.ts";
import type { WorkerOrders, WorkerSettings } from "../working.ts";
import { type Allocation, findAllocation } from "./allocation.ts";
import { readOrder } from "./control.ts";
import { learnedNeed } from "./learned_need.ts";
import { agentFolder, agentsFolder, errorsPath } from "./places.ts";
import { say } from "./say.ts";
import type { AgentSettings } from "./settings.ts";
import { type Complaint, Slot } from "./slot.ts";
import { openPlaces, type Places } from "./slots.ts";
import { type AgentStatus, writeStatus } from "./status.ts";

/** What an agent needs of the machine. */
export interface AgentSystem {
  runner: Runner;
  clock: Clock;
  env: Record<string, string>;
  /** Deno, and the file that holds agent and worker. */
  deno: string;
  bundle: string;
}

/** Milliseconds between two looks at orders, workers and clocks, and between two status files. */
const [LOOK_EVERY, WRITE_EVERY] = [1000, 2000];
/** Seconds that a worker has beyond its tasks' time to end, until it is killed. */
const WORKER_GRACE = 10;

/**
 * Has workers on this node of an allocation until all of them have ended for good.
 *
 * @returns whether none of them was given up.
 */
export async function superviseNode(
  settings: AgentSettings,
  system: AgentSystem,
  orders: WorkerOrders,
): Promise<boolean> {
  const tell = (event: string, more: object = {}) => say(`${event} ${JSON.stringify(more)}`);
  const layout = await patiently({ system, tell, orders }, () => prepare(settings));
  const allocation = await findAllocation(system.env, settings.scheduler, system);
  const share = { cpus: allocation.cpus, learned: learnedNeed(layout) };
  const places = await openPlaces(settings, system.env, share, system);
  try {
    const agent = new Agent({ layout, settings, system, orders, allocation, places });
    return await agent.supervise();
  } finally {
    await places.close();
  }
}

/** Looks whether files can be written, before anything is started. */
function prepare(settings: AgentSettings): QueueLayout {
  const layout = openQueue(settings.queue);
  makeFolder(agentsFolder(layout));
  return layout;
}

interface Parts {
  layout: QueueLayout;
  settings: AgentSettings;
  system: AgentSystem;
  orders: WorkerOrders;
  allocation: Allocation;
  places: Places;
}

class Agent {
  readonly #parts: Parts;
  readonly #slots: Slot[];
  readonly #status: Omit<AgentStatus, "slots" | "updated" | "state">;
  /** When what does not stop is killed, in milliseconds since 1970. */
  #killAt = Infinity;
  #told: WorkerOrders = {};
  #writtenAt = -Infinity;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { layout, settings, system, orders, allocation, places: { places, sharing } } = parts;
    const host = Deno.hostname();
    const id = newWorkerId(allocation.node, Deno.pid);
    this.#status = {
      version: 1,
      id,
      fleet: settings.fleet,
      host,
      node: allocation.node,
      pid: Deno.pid,
      start: startOfProcess(Deno.pid),
      ...allocation.job ? { allocation: allocation.job } : {},
      since: epochSeconds(system.clock),
      ...allocation.until === undefined ? {} : { until: allocation.until },
      sharing,
      errors: 0,
    };
    const folder = agentFolder(layout, id);
    guarded(() => makeFolder(folder));
    const { clock, deno, bundle, env } = system;
    const complain = (what: Complaint) => this.#complain(what);
    const { lease } = settings;
    const around = { layout, folder, clock, orders, deno, bundle, env, lease, complain };
    this.#slots = places.map((place, index) =>
      new Slot(around, index, workerSettings(settings, allocation, place))
    );
  }

  async supervise(): Promise<boolean> {
    const { clock } = this.#parts.system;
    if (this.#slots.length === 0) {
      this.#complain({ kind: "no place", message: this.#parts.places.sharing });
    }
    let over = false;
    const all = Promise.all(this.#slots.map((slot) => slot.keep())).then(() => over = true);
    while (!over) {
      this.#look();
      await Promise.race([all, clock.sleep(LOOK_EVERY)]);
    }
    await all;
    const failed = this.#slots.filter(({ status }) => status.state === "given up");
    this.#status.why = failed.length > 0
      ? `the workers of ${failed.length} of ${this.#slots.length} places died again and again`
      : whyEnded(this.#parts.orders, this.#slots);
    this.#write("ended");
    return failed.length === 0 && this.#slots.length > 0;
  }

  #look(): void {
    const { layout, orders, system: { clock }, settings } = this.#parts;
    guarded(() => {
      const wanted = readOrder(layout, { id: this.#status.id, fleet: settings.fleet });
      if (wanted === "stop" || orders.order === undefined) orders.order = wanted ?? orders.order;
    });
    this.#pass();
    if (clock.now() >= this.#killAt) this.#all("SIGKILL");
    else guarded(() => this.#slots.forEach((slot) => slot.look()));
    if (clock.now() - this.#writtenAt >= WRITE_EVERY) this.#write(stateOf(orders));
  }

  /** Passes on to the workers what they were not told yet. */
  #pass(): void {
    const { orders, settings, system: { clock } } = this.#parts;
    if (orders.warned && !this.#told.warned) this.#all("SIGUSR1");
    if (orders.order !== this.#told.order) {
      this.#all(orders.order === "stop" ? "SIGTERM" : "SIGUSR2");
      if (orders.order === "stop") {
        this.#killAt = clock.now() + (settings.killWait + WORKER_GRACE) * 1000;
      }
    }
    this.#told = { ...orders };
  }

  #all(signal: string): void {
    for (const slot of this.#slots) slot.signal(signal);
  }

  #complain(what: Complaint): void {
    const { layout, system: { clock } } = this.#parts;
    const status = this.#status;
    status.errors++;
    const place = what.slot === undefined ? "" : `place ${what.slot}: `;
    status.lastError = `${place}${what.message}`;
    const line = { at: epochSeconds(clock), agent: status.id, ...what };
    guarded(() => appendText(errorsPath(layout, status.id), `${JSON.stringify(line)}\n`));
    say(String(status.lastError));
  }

  #write(state: AgentStatus["state"]): void {
    const { layout, system: { clock } } = this.#parts;
    this.#writtenAt = clock.now();
    const slots = this.#slots.map(({ status }) => status);
    const updated = epochSeconds(clock);
    guarded(() => writeStatus(layout, { ...this.#status, updated, state, slots }));
  }
}

/** A full disk ends no agent: the next look tries again. */
function guarded(action: () => void): void {
  try {
    action();
  } catch (error) {
    say((error as Error).message);
  }
}

function stateOf({ order }: WorkerOrders): AgentStatus["state"] {
  return order === "stop" ? "stopping" : order === "drain" ? "draining" : "working";
}

function whyEnded({ order }: WorkerOrders, slots: readonly Slot[]): string {
  if (order) return order === "stop" ? "it was stopped" : "it was drained";
  if (slots.length === 0) return "there was no place for a worker";
  const ends = [...new Set(slots.map(({ status }) => status.why ?? "?"))];
  return ends.join() === "empty" ? "nothing was left that its workers could take" : ends.join(", ");
}

function workerSettings(
  { queue, linger, killWait }: AgentSettings,
  { job, until }: Allocation,
  place: Pick<WorkerSettings, "cpus" | "gpus" | "gpuModel" | "variables">,
): WorkerSettings {
  return {
    queue,
    ...place,
    ...job ? { allocation: job } : {},
    ...until === undefined ? {} : { until },
    linger,
    killWait,
  };
}
