import { join } from "node:path";
import { SchedulerError } from "../../core/errors.ts";
import type { Resources } from "../../core/resources.ts";
import type { QueueLayout } from "../../schedulers/queue/places.ts";
import type { SiteScript } from "../../script/site.ts";
import {
  createExclusive,
  exists,
  makeFolder,
  namesIn,
  readIfThere,
  removeIfThere,
  storageError,
} from "../../system/files.ts";
import type { AgentSettings } from "../agent/settings.ts";
import { fleetFolder, fleetsFolder } from "../agent/places.ts";

/** Allocations that are alike and run workers. Immutable, `fleet.json`. */
export interface Fleet {
  version: 1;
  number: number;
  /** Begins the names of its jobs; nothing else has it. */
  name: string;
  /** Who has its allocations. */
  scheduler: string;
  host: string;
  /** Seconds since 1970. */
  created: number;
  /** What each allocation asks for, as the site wants it, and what its script has beside that. */
  resources: Resources;
  site: SiteScript;
  /** Allocations to begin with. */
  jobs: number;
  /** Most that live at the same time, where it is topped up. */
  maxJobs?: number;
  /** What the agents are told. */
  agent: AgentSettings;
  /** Of one allocation. */
  workers: number;
  /** Of one worker. */
  cpus: number;
  gpus: number;
  /** Deno, and what it runs. */
  deno: string;
  bundle: string;
}

/** What is written down of one that has no number yet. */
export type FleetDraft = Omit<Fleet, "version" | "number">;

/** Makes a fleet, under a number of its own: whole or not at all. */
export function createFleet(
  layout: QueueLayout,
  draft: FleetDraft,
  scriptOf: (fleet: Fleet) => string,
): Fleet {
  const made = join(layout.temporary, crypto.randomUUID());
  try {
    makeFolder(join(made, "logs"));
    for (;;) {
      const number = Math.max(0, ...fleetNumbers(layout)) + 1;
      const agent = { ...draft.agent, fleet: number };
      const fleet: Fleet = { version: 1, number, ...draft, agent };
      Deno.writeTextFileSync(join(made, "fleet.json"), `${JSON.stringify(fleet, null, 1)}\n`);
      Deno.writeTextFileSync(join(made, "script.sbatch"), scriptOf(fleet));
      makeFolder(fleetsFolder(layout));
      const target = fleetFolder(layout, number);
      try {
        Deno.renameSync(made, target);
        return fleet;
      } catch (error) {
        if (!exists(target)) throw error;
      }
    }
  } catch (error) {
    removeIfThere(made);
    throw storageError(`launch from ${layout.folder}`, error);
  }
}

/** Numbers of all fleets, rising. */
export function fleetNumbers(layout: Pick<QueueLayout, "folder">): number[] {
  const names = namesIn(fleetsFolder(layout)).filter((name) => /^\d+$/.test(name));
  return names.map(Number).sort((a, b) => a - b);
}

/** Reads a fleet; `undefined` where there is none. */
export function readFleet(layout: Pick<QueueLayout, "folder">, number: number): Fleet | undefined {
  const text = readIfThere(join(fleetFolder(layout, number), "fleet.json"));
  if (text === undefined) return undefined;
  const fleet: Fleet = JSON.parse(text);
  if (fleet.version === 1) return fleet;
  throw new SchedulerError(`Cannot read fleet ${number}: version ${fleet.version}, not 1`, {
    hint: "a newer expflow wrote it: use that one",
  });
}

/** The script of a fleet's allocations. */
export function fleetScript(layout: Pick<QueueLayout, "folder">, number: number): string {
  return join(fleetFolder(layout, number), "script.sbatch");
}

function closedPath(layout: Pick<QueueLayout, "folder">, number: number): string {
  return join(fleetFolder(layout, number), "closed");
}

/** No more allocations for this fleet. */
export function closeFleet(layout: Pick<QueueLayout, "folder">, number: number): void {
  createExclusive(closedPath(layout, number));
}

/** Whether a user wants no more allocations for it. */
export function isClosed(layout: Pick<QueueLayout, "folder">, number: number): boolean {
  return exists(closedPath(layout, number));
}
