import { giveOrder } from "../queue/agent/control.ts";
import { closeFleet, isClosed } from "../queue/fleet/fleet.ts";
import type { Recovery } from "../queue/recovery.ts";
import { untilAborted } from "../system/abortable.ts";
import {
  allocationsOf,
  isGone,
  queueOf,
  schedulerOf,
  type ToppedUp,
  topUpFleet,
} from "./allocations.ts";
import { chosenFleets } from "./launch_status.ts";
import type { Project } from "./project.ts";
import { recoverQueue } from "./queue_recover.ts";
import { machineScheduler } from "./schedulers.ts";
import { POLL_MS } from "./submit.ts";

/** What was asked of a fleet. */
export interface FleetOrder {
  fleet: number;
  /** Allocations that had not begun: they are cancelled. */
  cancelled: number;
  /** Allocations that run: their agents were told. */
  told: number;
}

/**
 * Ends fleets, all unless told. `stop`: what runs goes back to the queue. `drain`: what runs is
 * finished. What waits for the scheduler is cancelled, and nothing more is submitted.
 */
export async function orderFleets(
  project: Project,
  order: "stop" | "drain",
  numbers?: readonly number[],
): Promise<FleetOrder[]> {
  const layout = queueOf(project);
  const orders: FleetOrder[] = [];
  for (const fleet of chosenFleets(project, numbers)) {
    closeFleet(layout, fleet.number);
    giveOrder(layout, order, String(fleet.number));
    const living = (await allocationsOf(project, fleet)).filter((one) => !isGone(one));
    const waiting = living.filter(({ state }) => state === "PENDING");
    if (waiting.length > 0) {
      const targets = waiting.map(({ job, task }) => ({ job, task }));
      await schedulerOf(project, fleet).cancel(targets);
    }
    orders.push({
      fleet: fleet.number,
      cancelled: waiting.length,
      told: living.length - waiting.length,
    });
  }
  return orders;
}

/** How to go on, and whom to tell. */
export interface KeepOptions {
  /** Milliseconds between two looks; on a cluster 60,000. */
  intervalMs?: number;
  /** Ends the look-out, not the fleets. */
  signal?: AbortSignal;
  /** Told what was submitted, and what was cancelled. */
  onToppedUp?: (what: ToppedUp) => void;
  /** Told what was taken from workers that are lost. */
  onRecovered?: (what: Recovery) => void;
}

/** Milliseconds between two looks on a cluster: each asks the controller. */
const CLUSTER_MS = 60_000;

/** Submits what fleets lack, once; all fleets that are topped up unless told. */
export async function topUp(project: Project, numbers?: readonly number[]): Promise<ToppedUp[]> {
  const layout = queueOf(project);
  const open = chosenFleets(project, numbers).filter(({ number }) => !isClosed(layout, number));
  const all: ToppedUp[] = [];
  for (const fleet of open) all.push(await topUpFleet(project, fleet));
  return all;
}

/** Gives back what workers have whose allocations are over, in the words of their schedulers. */
export async function recoverLost(project: Project): Promise<Recovery[]> {
  return (await recoverQueue(project)).filter(({ recovered }) => recovered !== undefined);
}

/** Does both again and again, until nothing waits, nothing runs and no allocation is left. */
export async function keepToppedUp(
  project: Project,
  numbers: readonly number[] | undefined,
  { intervalMs, signal, onToppedUp, onRecovered }: KeepOptions,
): Promise<void> {
  const usual = machineScheduler(project).name === "local" ? POLL_MS.local * 4 : CLUSTER_MS;
  const growing = new Set(
    chosenFleets(project, numbers).flatMap(({ number, maxJobs }) => maxJobs ? [number] : []),
  );
  for (;;) {
    for (const one of await recoverLost(project)) onRecovered?.(one);
    const all = await topUp(project, numbers);
    for (const one of all) if (one.submitted + one.cancelled > 0) onToppedUp?.(one);
    const goesOn = all.some(({ fleet, demand, alive, submitted }) =>
      alive.pending + alive.running + submitted > 0 ||
      (growing.has(fleet) && demand.waiting + demand.running > 0)
    );
    if (!goesOn) return;
    await untilAborted(project.context.clock.sleep(intervalMs ?? usual), signal);
  }
}
