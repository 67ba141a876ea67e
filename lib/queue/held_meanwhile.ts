import { isWished } from "../schedulers/queue/claim.ts";
import { perform } from "../schedulers/queue/disk.ts";
import { giveBack } from "../schedulers/queue/end.ts";
import type { Claim } from "../schedulers/queue/places.ts";
import { currentWishes } from "../schedulers/queue/wishes.ts";
import type { Place } from "./running.ts";

/**
 * Looks between the claim of an item and its start whether somebody holds it by now.
 *
 * @returns whether it was given back for that, and must not be started.
 */
export function heldMeanwhile({ layout }: Pick<Place, "layout">, claim: Claim): boolean {
  if (!isWished(perform(currentWishes(layout)), "hold", claim.job, claim.task)) return false;
  perform(giveBack(layout, claim, claim.restart));
  return true;
}
