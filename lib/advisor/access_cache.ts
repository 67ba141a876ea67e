import { join } from "node:path";
import { z } from "zod";
import type { DetectionPorts } from "../cluster/ports.ts";
import { ExpflowError } from "../core/errors.ts";
import { type Clock, epochSeconds } from "../system/clock.ts";
import { writeWhole } from "../system/files.ts";
import { type AccessMap, type AccountsOf, askAccessMap } from "./access_map.ts";
import { machineKey, readKept } from "./kept.ts";

const CELL = z.object({
  partition: z.string(),
  account: z.string().optional(),
  qos: z.string().optional(),
  access: z.enum(["allowed", "denied", "unknown"]),
  reason: z.string(),
  source: z.string(),
  defaultAccount: z.literal(true).optional(),
  defaultQos: z.literal(true).optional(),
});
const MAP = z.object({
  user: z.string(),
  cluster: z.string().optional(),
  asked: z.number(),
  cells: z.array(CELL),
  unknown: z.array(z.string()),
});

/** Associations and partitions change seldom; an older map is asked for anew. */
const FRESH_SECONDS = 3600;

/** Where a map is kept, and whether it must be new. */
export interface AccessRequest {
  ports: DetectionPorts;
  clock: Clock;
  /** Folder of the cache; it is made when it is needed. */
  folder: string;
  /** Ask Slurm even where the cache is fresh. */
  refresh?: boolean;
  /** How accounts are asked for, where another question is to be answered with it. */
  accountsOf?: AccountsOf;
}

/** A map with its age. */
export interface AgedMap {
  /** What is known of access. */
  map: AccessMap;
  /** Seconds since Slurm was asked; 0 where it was asked now. */
  age: number;
  /** Why an old map is given, when Slurm could not be asked. */
  failure?: string;
}

/**
 * Where this user may submit, from the cache while it is younger than an hour. When Slurm cannot be
 * asked, an older map is better than none, and it is said.
 *
 * @throws {SchedulerError} when there is neither an answer nor a cache.
 */
export async function accessMap(request: AccessRequest): Promise<AgedMap> {
  const { ports, clock, folder, refresh = false, accountsOf } = request;
  const now = epochSeconds(clock);
  const path = join(folder, `access-${machineKey(ports)}.json`);
  const kept = readKept(path, MAP);
  const age = kept === undefined ? Infinity : Math.max(0, now - kept.asked);
  if (kept && !refresh && age < FRESH_SECONDS) return { map: kept, age };
  try {
    const map = await askAccessMap(ports, now, accountsOf);
    if (isWorthKeeping(map)) writeWhole(path, `${JSON.stringify(map)}\n`);
    return { map, age: 0 };
  } catch (error) {
    if (kept === undefined || !(error instanceof ExpflowError)) throw error;
    return { map: kept, age, failure: error.message };
  }
}

/** What is not known, and that nothing is allowed, is asked again the next time. */
function isWorthKeeping({ unknown, cells }: AccessMap): boolean {
  return unknown.length === 0 && cells.some(({ access }) => access === "allowed");
}
