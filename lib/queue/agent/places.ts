import { join } from "node:path";
import type { QueueLayout } from "../../schedulers/queue/places.ts";

type Queue = Pick<QueueLayout, "folder">;

/** A folder an agent: how it stands, and the logs of its workers. It stays when the agent ends. */
export function agentsFolder({ folder }: Queue): string {
  return join(folder, "agents");
}

/** The folder of an agent. */
export function agentFolder(queue: Queue, id: string): string {
  return join(agentsFolder(queue), id);
}

/** Whole at every time; written by the agent alone. */
export function statusPath(queue: Queue, id: string): string {
  return join(agentFolder(queue, id), "status.json");
}

/** What went wrong, one JSON object a line. */
export function errorsPath(queue: Queue, id: string): string {
  return join(agentFolder(queue, id), "errors.jsonl");
}

/** Empty files by which users control agents: `stop` or `drain`, of all, `.<fleet>` or `.<agent>`. */
export function controlFolder({ folder }: Queue): string {
  return join(folder, "control");
}

/** A folder a fleet: what was asked for, its script, its jobs. */
export function fleetsFolder({ folder }: Queue): string {
  return join(folder, "fleets");
}

/** The folder of a fleet. */
export function fleetFolder(queue: Queue, fleet: number): string {
  return join(fleetsFolder(queue), String(fleet));
}

/** What allocations are started from. */
export function bundleFolder({ folder }: Queue): string {
  return join(folder, "bundle");
}
