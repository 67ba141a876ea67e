import { isWished } from "../schedulers/queue/claim.ts";
import { perform } from "../schedulers/queue/disk.ts";
import { endClaim, giveBack } from "../schedulers/queue/end.ts";
import { type Claim, parseWish } from "../schedulers/queue/places.ts";
import { list } from "../schedulers/queue/steps.ts";
import { epochSeconds } from "../system/clock.ts";
import type { Working } from "./working.ts";

/**
 * Looks once more at what users want of an item, between its claim and its start: whoever cancelled or
 * held it before the claim was told that it does not run.
 *
 * @returns whether it is given away again, and must not be started.
 */
export function withdrawn(
  { place: { layout }, system: { clock } }: Pick<Working, "place" | "system">,
  claim: Claim,
): boolean {
  const wishes = (perform(list(layout.wishes)) ?? []).map(parseWish)
    .filter((wish) => wish !== undefined);
  const { job, task, restart } = claim;
  if (isWished(wishes, "cancel", job, task)) {
    const ended = epochSeconds(clock);
    perform(endClaim(layout, claim, { how: "cancel", code: 0, started: 0, ended }));
    return true;
  }
  if (!isWished(wishes, "hold", job, task)) return false;
  perform(giveBack(layout, claim, restart));
  return true;
}
