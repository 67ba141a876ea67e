import * as cluster from "../cluster/detect.ts";
import type { Environment } from "../cluster/environment.ts";
import { machinePorts } from "../cluster/ports.ts";
import { denoRunner } from "../system/deno_runner.ts";

/**
 * Detects user, scratch folder, storage, tools and Slurm of this machine, each with its source. The
 * probes run at once, with a timeout each; one that fails leaves its own value unknown, with the
 * reason. It never throws.
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
export async function detectEnvironment(): Promise<Environment> {
  return await cluster.detectEnvironment(machinePorts(denoRunner));
}
