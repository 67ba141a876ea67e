import type { QueueLayout } from "../schedulers/queue/places.ts";
import type { Recovered } from "../schedulers/queue/recover.ts";
import type { Clock } from "../system/clock.ts";
import { findOrphans, type OrphanSearch, type Verdict } from "./orphans.ts";
import { takeFromDead } from "./recover_worker.ts";

/** What is known of a worker, and what was taken from it where it is lost. */
export type Recovery = Verdict & { recovered?: Recovered };

/** Takes everything from the workers that are lost. The others keep what they have. */
export async function recoverOrphans(
  layout: QueueLayout,
  search: OrphanSearch & { clock: Clock },
): Promise<Recovery[]> {
  const verdicts = await findOrphans(layout, search);
  return verdicts.map((verdict) =>
    verdict.kind === "lost"
      ? { ...verdict, recovered: takeFromDead(layout, verdict.worker, search.clock) }
      : verdict
  );
}
