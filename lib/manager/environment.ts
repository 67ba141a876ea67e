import * as cluster from "../cluster/detect.ts";
import { denoRunner } from "../system/deno_runner.ts";

/**
 * Detects user, home, scratch folder and tools of this machine, each with its source. A probe that
 * fails leaves its own value empty; it never throws.
 *
 * @example
 * ```ts
 * import { detectEnvironment } from "@expflow/cli";
 *
 * const { scratch } = await detectEnvironment();
 * console.log(`scratch = ${scratch.value}  (${scratch.source})`);
 * ```
 */
export async function detectEnvironment(): Promise<cluster.Environment> {
  return await cluster.detectEnvironment(cluster.machinePorts(denoRunner));
}
