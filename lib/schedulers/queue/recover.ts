import { join } from "node:path";
import { claimsOf, fillBlock, makingPath, type Seeker } from "./claim.ts";
import { endClaim, giveBack } from "./end.ts";
import { parseBlock } from "./places.ts";
import { exists, list, move, removeFolder, type Steps } from "./steps.ts";

/** Who recovers: a worker, or somebody who has made folders as one. */
export interface Recoverer extends Pick<Seeker, "layout" | "worker" | "now" | "released"> {
  /** How often a task of this job runs again after its worker was lost. */
  maxRestarts(job: number): number;
}

/** What was done with what a lost worker had. */
export interface Recovered {
  /** Items that others may have now. */
  again: number;
  /** Items that ended workers too often. */
  poisoned: number;
  /** Blocks of which it was making items. */
  blocks: number;
}

/**
 * Takes everything from a worker that is lost. It is for the caller to know that it is. Afterwards it
 * has no folders: if it lives all the same, it cannot claim, finish or make anything any more.
 */
export function* recoverWorker(recoverer: Recoverer, lost: string): Steps<Recovered> {
  const { layout } = recoverer;
  const result: Recovered = { again: 0, poisoned: 0, blocks: 0 };
  const claimed = join(layout.claimed, lost);
  do {
    for (const claim of yield* claimsOf(layout, lost)) {
      const restart = claim.restart + 1;
      if (restart <= recoverer.maxRestarts(claim.job)) {
        if (yield* giveBack(layout, claim, restart)) result.again++;
        continue;
      }
      const end = { how: "poison", code: 0, started: claim.since, ended: recoverer.now() } as const;
      if (yield* endClaim(layout, claim, end)) result.poisoned++;
    }
  } while (!(yield* removeFolder(claimed)) && (yield* exists(claimed)));
  const making = join(layout.making, lost);
  do {
    for (const name of (yield* list(making)) ?? []) {
      const block = parseBlock(name);
      if (!block) continue;
      const own = makingPath(layout, recoverer.worker, block);
      if (!(yield* move(join(making, name), own))) continue;
      yield* fillBlock(recoverer, block, recoverer.released(block.job, block.block) ?? []);
      result.blocks++;
    }
  } while (!(yield* removeFolder(making)) && (yield* exists(making)));
  return result;
}
