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
 * const told = `${scratch.value} (${scratch.source})`; // such as: /scratch/me ($SCRATCH)
 * if (!Deno.statSync(scratch.value).isDirectory) throw new Error(told);
 * ```
 */
export async function detectEnvironment(): Promise<cluster.Environment> {
  return await cluster.detectEnvironment(cluster.machinePorts(denoRunner));
}
