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
 * Moves a file into a folder that may be missing, or be removed as empty at any time.
 *
 * @returns `false` when the file is gone.
 */
export function* moveInto(folder: string, from: string, name: string): Steps<boolean> {
  const to = join(folder, name);
  while (true) {
    if (yield* move(from, to)) return true;
    if (!(yield* exists(from))) return false;
    yield* makeFolder(folder);
  }
}

/**
 * Notes that a claimed item is over.
 *
 * @returns `false` when the claim is not this worker's any more: its result does not count.
 */
export function* endClaim(layout: QueueLayout, claim: Claim, end: End): Steps<boolean> {
  const from = join(layout.claimed, claim.worker, claimName(claim));
  return yield* moveInto(doneFolder(layout, claim), from, doneName({ ...end, ...claim }));
}

/**
 * Lets others have a claimed item.
 *
 * @param restart how often it will have been started and not finished.
 * @returns `false` when the claim was not this worker's any more.
 */
export function* giveBack(layout: QueueLayout, claim: Claim, restart: number): Steps<boolean> {
  const from = join(layout.claimed, claim.worker, claimName(claim));
  const name = itemName({ task: claim.task, restart });
  return yield* moveInto(join(layout.ready, blockName(claim)), from, name);
}
