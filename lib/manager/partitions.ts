import { join } from "node:path";
import { accessMap, type AgedMap } from "../advisor/access_cache.ts";
import { machinePorts } from "../cluster/ports.ts";
import { findProject } from "../store/find.ts";
import { type Clock, systemClock } from "../system/clock.ts";
import { denoRunner } from "../system/deno_runner.ts";
import type { Runner } from "../system/runner.ts";

/** How the map of access is asked for. */
export interface AccessOptions {
  /** A folder of the project that keeps the map; without a project it is kept for the user. */
  folder?: string;
  /** Ask Slurm anew, however young the kept map is. */
  refresh?: boolean;
  /** How programs are run; for tests. */
  runner?: Runner;
  /** Where time comes from; for tests. */
  clock?: Clock;
}

/**
 * Where this user may submit: partition × account × QOS, each allowed, denied or unknown, with the
 * reason. The map is kept for an hour.
 *
 * @throws {SchedulerError} where Slurm does not answer and no map was kept.
 *
 * @example
 * ```ts
 * import { detectAccess, SchedulerError } from "@expflow/cli";
 *
 * try {
 *   const { map, age } = await detectAccess();
 *   console.log(map.cells.filter(({ access }) => access === "allowed"), `${age} s old`);
 * } catch (error) {
 *   if (!(error instanceof SchedulerError)) throw error; // there is no Slurm here
 * }
 * ```
 */
export async function detectAccess(options: AccessOptions = {}): Promise<AgedMap> {
  const { folder = ".", refresh, runner = denoRunner, clock = systemClock } = options;
  const ports = machinePorts(runner);
  return await accessMap({ ports, clock, refresh, folder: answersFolder(folder, ports.env) });
}

/** Where answers are kept: in the project that holds a folder, else as the XDG folders have it. */
export function answersFolder(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  return findProject(folder)?.answers ??
    join(env.XDG_CACHE_HOME || join(env.HOME ?? "/tmp", ".cache"), "expflow");
}
