import { basename, join } from "node:path";
import { fillBlock, makingPath, type Seeker } from "./claim.ts";
import { endClaim, giveBack } from "./end.ts";
import { parseBlock, parseClaim } from "./places.ts";
import { exists, list, move, removeFolder, type Steps } from "./steps.ts";

/** Who recovers: a worker, or somebody who has made folders as one. */
export interface Recoverer extends Pick<Seeker, "layout" | "worker" | "now"> {
  /**
   * Tasks of a block that somebody began to make: all but those that can never run. Whether they may
   * run yet was decided by then; whoever decides anew may know less, and would lose them.
   */
  remaining(job: number, block: number): Iterable<number>;
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
  /** Names that are none of the queue's; they lie in its folder `temporary` now. */
  strange: string[];
}

/**
 * Takes everything from a worker that is lost. It is for the caller to know that it is. Afterwards it
 * has no folders: if it lives all the same, it cannot claim, finish or make anything any more. A
 * worker that ends takes what it may still have from itself.
 */
export function* recoverWorker(recoverer: Recoverer, lost: string): Steps<Recovered> {
  const result: Recovered = { again: 0, poisoned: 0, blocks: 0, strange: [] };
  const { claimed, making } = recoverer.layout;
  yield* emptied(join(claimed, lost), (name) => recoverClaim(recoverer, lost, name, result));
  yield* emptied(join(making, lost), (name) => recoverBlock(recoverer, lost, name, result));
  return result;
}

/** Does something with each name of a folder, until it is empty and can be removed. */
function* emptied(folder: string, one: (name: string) => Steps<void>): Steps<void> {
  do {
    for (const name of (yield* list(folder)) ?? []) yield* one(name);
  } while (!(yield* removeFolder(folder)) && (yield* exists(folder)));
}

function* recoverClaim(
  recoverer: Recoverer,
  lost: string,
  name: string,
  result: Recovered,
): Steps<void> {
  const { layout } = recoverer;
  const claim = parseClaim(lost, name);
  if (!claim) return yield* putAside(recoverer, join(layout.claimed, lost), name, result);
  const restart = claim.restart + 1;
  if (restart <= recoverer.maxRestarts(claim.job)) {
    if (yield* giveBack(layout, claim, restart)) result.again++;
    return;
  }
  const end = { how: "poison", code: 0, started: claim.since, ended: recoverer.now() } as const;
  if (yield* endClaim(layout, claim, end)) result.poisoned++;
}

function* recoverBlock(
  recoverer: Recoverer,
  lost: string,
  name: string,
  result: Recovered,
): Steps<void> {
  const { layout, worker } = recoverer;
  const from = join(layout.making, lost);
  const block = parseBlock(name);
  if (!block) return yield* putAside(recoverer, from, name, result);
  if (!(yield* move(join(from, name), makingPath(layout, worker, block)))) return;
  yield* fillBlock(recoverer, block, recoverer.remaining(block.job, block.block));
  result.blocks++;
}

function* putAside(
  { layout }: Recoverer,
  folder: string,
  name: string,
  { strange }: Recovered,
): Steps<void> {
  const aside = join(layout.temporary, `strange.${basename(folder)}.${name}`);
  if (yield* move(join(folder, name), aside)) strange.push(name);
}
