/**
 * What compute nodes run: the worker and the agent in one file, which `tools/gen_worker_bundle.ts`
 * bundles. It needs no network, no cache and no configuration file.
 *
 * @module
 */
import { ExpflowError, UsageError } from "../core/errors.ts";
import { superviseWorkers } from "./agent/main.ts";
import { workFromFile } from "./worker_main.ts";

const VERBS: Record<string, (args: string[]) => Promise<number>> = {
  agent: superviseWorkers,
  worker: workFromFile,
};

async function main([verb = "", ...args]: string[]): Promise<number> {
  try {
    const act = VERBS[verb];
    if (act) return await act(args);
    throw new UsageError(`Cannot run ${JSON.stringify(verb)}: expected agent or worker`);
  } catch (error) {
    if (!(error instanceof ExpflowError)) throw error;
    console.error(`error: ${error.message}${error.hint ? `\nhint: ${error.hint}` : ""}`);
    return error.exitCode;
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
