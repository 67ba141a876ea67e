import { join } from "node:path";
import type { WorkerSettings } from "../../lib/queue/working.ts";
import { work } from "../../lib/queue/worker.ts";
import { QueueScheduler } from "../../lib/schedulers/queue/queue_scheduler.ts";
import { systemClock } from "../../lib/system/clock.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import type { Bench } from "./conformance_lab.ts";

/** A queue in a folder of its own, whose name is not a friendly one, with workers of this process. */
export function openQueueBench(workers = 8): Bench & { scheduler: QueueScheduler } {
  const root = Deno.makeTempDirSync({ prefix: "expflow it's $(no) " });
  const [queue, folder] = [join(root, "queue"), join(root, "work")];
  Deno.mkdirSync(folder);
  const env = { ...Deno.env.toObject(), EXPFLOW_TEST_LEAK: "leaked" };
  const scheduler = new QueueScheduler({ folder: queue, clock: systemClock, cwd: folder, env });
  const settings: WorkerSettings = {
    queue,
    cpus: 8,
    gpus: [],
    variables: {},
    linger: Infinity,
    killWait: 0.3,
  };
  const orders: { order?: "stop" } = {};
  const system = { runner: denoRunner, clock: systemClock, tell: () => {} };
  const all = Array.from({ length: workers }, () => work(settings, system, orders));
  return {
    scheduler,
    folder,
    directives: [],
    limit: { text: "0:02", seconds: 2 },
    warning: 1,
    patience: 30_000,
    poll: 30,
    close: async () => {
      orders.order = "stop";
      await Promise.all(all);
      Deno.removeSync(root, { recursive: true });
    },
  };
}
