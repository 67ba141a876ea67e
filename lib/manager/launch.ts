import { fleetFolder } from "../queue/agent/places.ts";
import type { Demand } from "../queue/fleet/demand.ts";
import { createFleet, type Fleet, fleetScript } from "../queue/fleet/fleet.ts";
import { placeRuntime } from "../queue/fleet/runtime.ts";
import { renderFleet } from "../queue/fleet/script.ts";
import {
  demandFor,
  onMachines,
  queueOf,
  type ToppedUp,
  topUpFleet,
  whyNone,
} from "./allocations.ts";
import { draftFleet, type LaunchOptions } from "./launch_draft.ts";
import type { Project } from "./project.ts";

/** What was launched. */
export interface Launched extends Omit<ToppedUp, "fleet"> {
  /** Its number, and the path of its script; absent where nothing waits, and nothing is topped up. */
  fleet?: number;
  script?: string;
  /** Workers of one allocation. */
  workers: number;
  /** What was decided, one line each. */
  decisions: string[];
}

/** What would be launched. */
export interface LaunchPreview {
  script: string;
  workers: number;
  demand: Demand;
  /** Why nothing would be submitted now. */
  why?: string;
  decisions: string[];
}

/**
 * Submits allocations of workers: no more than there is work for. They end when the queue is empty.
 *
 * @throws {SchedulerError} when the scheduler refuses, {UsageError} for what cannot be.
 */
export async function launch(given: Project, options: LaunchOptions = {}): Promise<Launched> {
  const project = onMachines(given);
  const layout = queueOf(project);
  const { draft, decisions } = await draftFleet(project, options);
  const demand = demandFor(layout, draft);
  const { workers } = draft;
  if (demand.waiting === 0 && draft.maxJobs === undefined) {
    const alive = { pending: 0, running: 0 };
    return {
      demand,
      alive,
      cancelled: 0,
      submitted: 0,
      ...whyNone(demand, draft),
      workers,
      decisions,
    };
  }
  const runtime = await placeRuntime(layout, {
    deno: Deno.execPath(),
    onThisMachine: draft.scheduler === "local",
  });
  const { deno, bundle, copied } = runtime;
  if (copied !== undefined) {
    decisions.push(`copied Deno (${Math.round(copied / 1e6)} MB) to ${deno}, for the nodes`);
  }
  const fleet = createFleet(
    layout,
    { ...draft, deno, bundle },
    (made) => renderFleet(made, fleetFolder(layout, made.number)),
  );
  const script = fleetScript(layout, fleet.number);
  return { ...await topUpFleet(project, fleet), script, workers, decisions };
}

/** What {@linkcode launch} would submit. */
export async function previewLaunch(
  given: Project,
  options: LaunchOptions = {},
): Promise<LaunchPreview> {
  const project = onMachines(given);
  const { draft, decisions } = await draftFleet(project, options);
  const layout = queueOf(project);
  const fleet: Fleet = { version: 1, number: 0, ...draft };
  const demand = demandFor(layout, fleet);
  return {
    script: renderFleet(fleet, fleetFolder(layout, 0)),
    workers: fleet.workers,
    demand,
    ...whyNone(demand, fleet),
    decisions,
  };
}
