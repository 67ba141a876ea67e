import { join } from "node:path";
import { agentFolder, errorsPath } from "../queue/agent/places.ts";
import { namesIn, readIfThere } from "../system/files.ts";
import { queueOf } from "./allocations.ts";
import { chosenFleets, readAgents } from "./launch_status.ts";
import type { Project } from "./project.ts";

/** A file that agents or their workers wrote. */
export interface LaunchLog {
  fleet: number;
  agent: string;
  path: string;
  text: string;
}

/** What workers of fleets wrote, all unless told, or only what went wrong; agent by agent. */
export function launchLogs(
  project: Project,
  { fleets, errors = false }: { fleets?: readonly number[]; errors?: boolean },
): LaunchLog[] {
  const layout = queueOf(project);
  const wanted = new Set(chosenFleets(project, fleets).map(({ number }) => number));
  return readAgents(project).filter(({ fleet }) => wanted.has(fleet)).flatMap(({ id, fleet }) => {
    const folder = agentFolder(layout, id);
    const names = namesIn(folder).filter((name) => /^\d+\.(log|err)$/.test(name)).sort(byNumber);
    const paths = errors ? [] : names.map((name) => join(folder, name));
    return [errorsPath(layout, id), ...paths].flatMap((path) => {
      const text = readIfThere(path);
      return text ? [{ fleet, agent: id, path, text }] : [];
    });
  });
}

function byNumber(a: string, b: string): number {
  return parseInt(a, 10) - parseInt(b, 10) || (a < b ? -1 : 1);
}
