import { formatDuration } from "../core/durations.ts";
import type { Launched, LaunchPreview } from "../manager/launch.ts";
import type { ToppedUp } from "../manager/allocations.ts";
import type { AgentReport, FleetReport } from "../manager/launch_status.ts";
import type { Recovery } from "../queue/recovery.ts";
import type { WorkerEvent } from "../queue/working.ts";
import type { CommandPorts } from "./registry.ts";
import { textTable } from "./text_table.ts";

/** Says what was launched. */
export function tellLaunched({ context }: CommandPorts, launched: Launched): void {
  for (const line of launched.decisions) context.err(`${line}\n`);
  const { fleet, workers, why = "" } = launched;
  if (fleet === undefined) return context.out(`nothing is launched: ${why}\n`);
  context.out(`${toppedUpLine({ ...launched, fleet })}, ${workers} workers each\n`);
}

/** Shows what would be launched. */
export function tellPreview({ context }: CommandPorts, preview: LaunchPreview): void {
  for (const line of preview.decisions) context.err(`${line}\n`);
  const { demand: { waiting }, workers, why } = preview;
  context.err(`${waiting} items wait for such workers; ${workers} workers an allocation\n`);
  if (why !== undefined) context.err(`nothing would be submitted now: ${why}\n`);
  context.out(preview.script);
}

/** What was submitted for a fleet, in one line. */
export function toppedUpLine({ fleet, submitted, cancelled, job, why }: ToppedUp): string {
  const fewer = cancelled > 0 ? `, cancelled ${cancelled} that nothing waits for` : "";
  const reason = why === undefined ? "" : ` (${why})`;
  const allocations = submitted === 1 ? "1 allocation" : `${submitted} allocations`;
  return `fleet ${fleet}: submitted ${allocations}${
    job === undefined ? "" : ` as job ${job}`
  }${fewer}${reason}`;
}

/** What was taken from a worker that is lost, in one line. */
export function recoveredLine({ worker, why, recovered }: Recovery): string {
  const { again = 0, poisoned = 0 } = recovered ?? {};
  const aside = poisoned > 0 ? `, ${poisoned} set aside` : "";
  return `${worker} is lost (${why}): ${again} runs are given back${aside}`;
}

/** Shows how fleets stand. */
export function tellFleets(ports: CommandPorts, fleets: readonly FleetReport[]): void {
  const { context } = ports;
  if (fleets.length === 0) context.out("no fleets; `expflow launch` makes one\n");
  for (const fleet of fleets) {
    const { waiting, unfit, running } = fleet.demand;
    const states = Map.groupBy(fleet.allocations, ({ state }) => state);
    const told = Array.from(states, ([state, all]) => `${all.length} ${state}`).join(", ");
    const closed = fleet.closed ? ", closed" : "";
    context.out(`fleet ${fleet.fleet}: ${told || "no allocations"}${closed}\n`);
    const others = unfit > 0 ? `, ${unfit} for others` : "";
    context.out(`  queue: ${waiting} wait for such workers${others}, ${running} run\n`);
    if (fleet.agents.length === 0) continue;
    const table = textTable(HEAD, fleet.agents.map(row), context.columns - 2);
    context.out(table.replaceAll(/^/gm, "  ").trimEnd() + "\n");
    for (const { id, lastError } of fleet.agents) {
      if (lastError !== undefined) context.out(`  ${id}: ${lastError}\n`);
    }
  }
}

const HEAD = ["agent", "job", "state", "workers", "done", "per hour", "restarts", "errors", "note"];

function row(agent: AgentReport): string[] {
  const { allocation, slots, silent = 0, until } = agent;
  const task = allocation?.task === undefined ? "" : `_${allocation.task}`;
  const restarts = slots.reduce((sum, { starts }) => sum + Math.max(0, starts - 1), 0);
  const left = until === undefined || agent.state === "ended"
    ? ""
    : `${formatDuration(until - agent.updated)} left`;
  return [
    agent.id,
    allocation === undefined ? "" : `${allocation.job}${task}`,
    agent.state,
    `${agent.working ?? "?"}/${slots.length}`,
    String(agent.done),
    String(agent.perHour ?? ""),
    String(restarts),
    String(agent.errors),
    agent.why ?? (agent.working === undefined ? `silent for ${silent} s` : left),
  ];
}

/** What happened to a worker, in one line. */
export function workerEventLine({ event, job, task, code, why, error }: WorkerEvent): string {
  const what = job === undefined ? "" : ` ${job}.${task}`;
  switch (event) {
    case "end":
      return `ended${what} with ${code}`;
    case "leave":
      return `leaves: ${why}`;
    case "retry":
      return `tries again: ${error}`;
    default:
      return `${event}${what}`;
  }
}
