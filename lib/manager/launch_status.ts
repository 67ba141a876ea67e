import { NotFoundError } from "../core/errors.ts";
import { agentsFolder } from "../queue/agent/places.ts";
import { type AgentStatus, readStatus } from "../queue/agent/status.ts";
import type { Demand } from "../queue/fleet/demand.ts";
import { type Fleet, fleetNumbers, isClosed, readFleet } from "../queue/fleet/fleet.ts";
import type { TaskReport } from "../schedulers/scheduler.ts";
import { epochSeconds } from "../system/clock.ts";
import { namesIn } from "../system/files.ts";
import { allocationsOf, demandFor, isGone, queueOf } from "./allocations.ts";
import type { Project } from "./project.ts";

/** How an agent stands, and what follows from that. */
export interface AgentReport extends AgentStatus {
  /** Seconds since it last wrote, where it has not said that it ended. */
  silent?: number;
  /** Tasks brought to an end, and how many that are in an hour. */
  done: number;
  perHour?: number;
  /** Workers that are there now. */
  working: number;
}

/** How a fleet stands. */
export interface FleetReport {
  fleet: number;
  /** Whether a user wants no more allocations for it. */
  closed: boolean;
  /** Workers that each allocation has. */
  workers: number;
  maxJobs?: number;
  /** What waits that its workers could take. */
  demand: Demand;
  /** Its allocations, as the scheduler has them, newest last. */
  allocations: TaskReport[];
  agents: AgentReport[];
}

/** Fleets by number, or all that have an allocation which is not over, and the newest. */
export function chosenFleets(project: Project, numbers: readonly number[] = []): Fleet[] {
  const layout = queueOf(project);
  return (numbers.length > 0 ? numbers : fleetNumbers(layout)).map((number) => {
    const fleet = readFleet(layout, number);
    if (fleet) return fleet;
    throw new NotFoundError(`Cannot find fleet ${number}`, {
      hint: `there are ${fleetNumbers(layout).join(", ") || "none"}: \`expflow launch status\``,
    });
  });
}

/** How fleets stand, all of them unless told: by the scheduler, and by what their agents wrote. */
export async function launchStatus(
  project: Project,
  numbers?: readonly number[],
): Promise<FleetReport[]> {
  const layout = queueOf(project);
  const agents = readAgents(project);
  const reports: FleetReport[] = [];
  for (const fleet of chosenFleets(project, numbers)) {
    reports.push({
      fleet: fleet.number,
      closed: isClosed(layout, fleet.number),
      workers: fleet.workers,
      ...fleet.maxJobs === undefined ? {} : { maxJobs: fleet.maxJobs },
      demand: demandFor(layout, fleet),
      allocations: await allocationsOf(project, fleet),
      agents: agents.filter((agent) => agent.fleet === fleet.number),
    });
  }
  return reports;
}

/** Every agent that there is, or was. */
export function readAgents(project: Project): AgentReport[] {
  const layout = queueOf(project);
  const now = epochSeconds(project.context.clock);
  const all = namesIn(agentsFolder(layout)).map((id) => readStatus(layout, id));
  return all.filter((one) => one !== undefined).sort((a, b) => a.since - b.since)
    .map((status): AgentReport => {
      const done = status.slots.reduce((sum, slot) => sum + slot.done, 0);
      const seconds = status.updated - status.since;
      return {
        ...status,
        ...status.state === "ended" ? {} : { silent: Math.max(0, now - status.updated) },
        done,
        ...seconds > 0 ? { perHour: Math.round(done / seconds * 3600) } : {},
        working: status.slots.filter(({ state }) => state === "working").length,
      };
    });
}

/** Whether anything of a fleet may still happen. */
export function isLiving({ allocations }: Pick<FleetReport, "allocations">): boolean {
  return allocations.some((one) => !isGone(one));
}
