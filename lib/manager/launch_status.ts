import { NotFoundError } from "../core/errors.ts";
import { agentsFolder } from "../queue/agent/places.ts";
import { type AgentStatus, readStatus } from "../queue/agent/status.ts";
import type { Demand } from "../queue/fleet/demand.ts";
import { type Fleet, fleetNumbers, isClosed, readFleet } from "../queue/fleet/fleet.ts";
import { isOver, type TaskReport } from "../schedulers/scheduler.ts";
import { epochSeconds } from "../system/clock.ts";
import { namesIn } from "../system/files.ts";
import { allocationsOf, demandFor, queueOf } from "./allocations.ts";
import type { Project } from "./project.ts";

/** How an agent stands, and what follows from that. */
export interface AgentReport extends Omit<AgentStatus, "state"> {
  /** `lost`: it has not said that it ended, and the scheduler says that its allocation is over. */
  state: AgentStatus["state"] | "lost";
  /** Seconds since it last wrote, where it has not said that it ended. */
  silent?: number;
  /** Tasks brought to an end, and how many that are in an hour. */
  done: number;
  perHour?: number;
  /** Workers that are there now, as it said last; absent where it has been silent for too long. */
  working?: number;
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
      hint: fleetNumbers(layout).length === 0
        ? "there are none; `expflow launch` makes one"
        : `there are ${fleetNumbers(layout).join(", ")}: \`expflow launch status\``,
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
    const allocations = await allocationsOf(project, fleet);
    const own = agents.filter((agent) => agent.fleet === fleet.number);
    reports.push({
      fleet: fleet.number,
      closed: isClosed(layout, fleet.number),
      workers: fleet.workers,
      ...fleet.maxJobs === undefined ? {} : { maxJobs: fleet.maxJobs },
      demand: demandFor(layout, fleet),
      allocations,
      agents: own.map((agent) => asAllocated(agent, allocations)),
    });
  }
  return reports;
}

/** An agent that was killed says nothing any more: where its allocation is over, it is, too. */
function asAllocated(agent: AgentReport, allocations: readonly TaskReport[]): AgentReport {
  const { job, task } = agent.allocation ?? {};
  const own = allocations.find((one) => one.job === job && one.task === task);
  if (agent.state === "ended" || !own || !isOver(own.state)) return agent;
  return { ...agent, state: "lost", working: 0, why: `its allocation is over: ${own.state}` };
}

/** Agents write every few seconds. */
const SILENT = 30;

/** Every agent that there is, or was. */
export function readAgents(project: Project): AgentReport[] {
  const layout = queueOf(project);
  const now = epochSeconds(project.context.clock);
  const all = namesIn(agentsFolder(layout)).map((id) => readStatus(layout, id));
  return all.filter((one) => one !== undefined).sort((a, b) => a.since - b.since)
    .map((status): AgentReport => {
      const done = status.slots.reduce((sum, slot) => sum + slot.done, 0);
      const ended = status.state === "ended";
      const silent = Math.max(0, now - status.updated);
      const working = status.slots.filter(({ state }) => state === "working").length;
      const seconds = status.updated - status.since;
      return {
        ...status,
        ...ended ? {} : { silent },
        done,
        ...seconds > 0 ? { perHour: Math.round(done / seconds * 3600) } : {},
        ...ended || silent <= SILENT ? { working } : {},
      };
    });
}
