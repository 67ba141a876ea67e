import { join } from "node:path";
import {
  blockName,
  type Claim,
  claimName,
  type Done,
  doneFolder,
  doneName,
  itemName,
  type QueueLayout,
} from "./places.ts";
import { exists, makeFolder, move, type Steps } from "./steps.ts";

/** How a claim came to its end. */
export type End = Pick<Done, "how" | "code" | "started" | "ended">;

/**
 * Notes that a claimed item is over.
 *
 * @returns `false` when the claim is not this worker's any more: its result does not count.
 */
export function* endClaim(layout: QueueLayout, claim: Claim, end: End): Steps<boolean> {
  const from = join(layout.claimed, claim.worker, claimName(claim));
  const folder = doneFolder(layout, claim);
  const to = join(folder, doneName({ ...end, ...claim }));
  if (yield* move(from, to)) return true;
  yield* makeFolder(folder);
  return yield* move(from, to);
}

/**
 * Lets others have a claimed item.
 *
 * @param restart how often it will have been started and not finished.
 * @returns `false` when the claim was not this worker's any more.
 */
export function* giveBack(layout: QueueLayout, claim: Claim, restart: number): Steps<boolean> {
  const from = join(layout.claimed, claim.worker, claimName(claim));
  const folder = join(layout.ready, blockName(claim));
  const to = join(folder, itemName({ task: claim.task, restart }));
  while (true) {
    yield* makeFolder(folder);
    if (yield* move(from, to)) return true;
    // somebody may have removed the empty folder between these two
    if (!(yield* exists(from))) return false;
  }
}
