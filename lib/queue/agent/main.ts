import { fileURLToPath } from "node:url";
import { systemClock } from "../../system/clock.ts";
import { denoRunner } from "../../system/deno_runner.ts";
import { listen } from "../worker_main.ts";
import type { WorkerOrders } from "../working.ts";
import { superviseNode } from "./agent.ts";
import { parseAgentWords } from "./settings.ts";

/**
 * Has workers on this node, as the words of a command line say. TERM and INT stop them, USR1 (the
 * warning before the end of the allocation) lets them finish what they run.
 *
 * @returns the exit code: 1 where workers died again and again.
 */
export async function superviseWorkers(words: string[]): Promise<number> {
  const settings = parseAgentWords(words);
  const orders: WorkerOrders = {};
  listen(orders);
  const system = {
    runner: denoRunner,
    clock: systemClock,
    env: Deno.env.toObject(),
    deno: Deno.execPath(),
    bundle: fileURLToPath(Deno.mainModule),
  };
  return await superviseNode(settings, system, orders) ? 0 : 1;
}
