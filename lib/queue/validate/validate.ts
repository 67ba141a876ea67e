import type { QueueLayout } from "../../schedulers/queue/places.ts";
import type { Clock } from "../../system/clock.ts";
import { checkListing } from "./check.ts";
import type { Finding } from "./findings.ts";
import { readListing } from "./listing.ts";

/** Milliseconds between two looks: what is under way by then is no finding. */
const PAUSE = 1000;

/**
 * Checks every rule that a queue's files keep, and changes nothing. Where something seems wrong it
 * looks once more: only what is wrong both times is told.
 */
export async function validateQueue(
  layout: QueueLayout,
  { clock }: { clock: Clock },
): Promise<Finding[]> {
  const first = checkListing(readListing(layout));
  if (first.length === 0) return [];
  await clock.sleep(PAUSE);
  const keyOf = ({ kind, path, why }: Finding): string =>
    [kind, path, kind === "missing" ? why : ""].join("\n");
  const before = new Set(first.map(keyOf));
  return checkListing(readListing(layout)).filter((finding) => before.has(keyOf(finding)));
}
