import { join } from "node:path";
import { ConflictError } from "../../core/errors.ts";
import {
  type Block,
  blockName,
  type Claim,
  claimName,
  compareBlocks,
  itemName,
  openName,
  parseBlock,
  parseClaim,
  parseItem,
  parseOpen,
  type QueueLayout,
  waitingFolder,
  type Wish,
} from "./places.ts";
import { waitingBlocks } from "./job.ts";
import { endClaim, giveBack } from "./end.ts";
import { create, exists, list, move, remove, removeFolder, type Steps } from "./steps.ts";
import { currentWishes } from "./wishes.ts";

/** What a worker lets the queue ask it. */
export interface Seeker {
  layout: QueueLayout;
  /** Random, and new at each start: whoever was declared lost is known by it. */
  worker: string;
  /** Seconds since 1970. */
  now(): number;
  /** Whether it takes items of this job now: resources, time left. */
  takes(job: number): boolean;
  /** At most so many items of this job at once. */
  throttle(job: number): number;
  /** Tasks of this block that may run, as far as dependencies go; `undefined`: not yet. */
  released(job: number, block: number): Iterable<number> | undefined;
}

/** A block, or with no number a job that has blocks to be made. */
type Candidate = Omit<Block, "block"> & { block?: number };

/** What a worker saw when it last looked around, in the order in which it takes it. */
export interface View {
  candidates: Candidate[];
  wishes: Wish[];
  /** Items seen in the first candidate, those to be taken first at the end. */
  items?: { of: Candidate; names: string[] };
  /** Items at which others were faster; an old listing may show them for a while. */
  gone: Set<string>;
  /** Whether others were faster somewhere: there may be more than is seen. */
  missed: boolean;
}

/** Looks at what there is to do. */
export function* lookAround({ layout }: Pick<Seeker, "layout">): Steps<View> {
  const ready = ((yield* list(layout.ready)) ?? []).map(parseBlock);
  const open = ((yield* list(layout.open)) ?? []).map(parseOpen);
  const wishes = yield* currentWishes(layout);
  const candidates: Candidate[] = [...ready, ...open].filter((one) => one !== undefined);
  // what a job has ready goes before what is to be made of it
  const place = ({ block = Infinity, ...one }: Candidate): Block => ({ ...one, block });
  candidates.sort((a, b) => compareBlocks(place(a), place(b)));
  return { candidates, wishes, gone: new Set(), missed: false };
}

/** Whether a wish of this kind holds for a task. */
export function isWished(
  wishes: readonly Wish[],
  kind: Wish["kind"],
  job: number,
  task?: number,
): boolean {
  return wishes.some((wish) =>
    wish.kind === kind && wish.job === job && (wish.task === undefined || wish.task === task)
  );
}

/**
 * Claims the next item; takes what cannot be claimed out of the view.
 *
 * @returns nothing when the view has no more.
 * @throws {ConflictError} when this worker was declared lost.
 */
export function* claimNext(seeker: Seeker, view: View): Steps<Claim | undefined> {
  for (let first = view.candidates[0]; first; first = view.candidates[0]) {
    const claim = yield* claimFrom(seeker, view, first);
    if (claim) return claim;
  }
  return undefined;
}

function* claimFrom(
  seeker: Seeker,
  view: View,
  candidate: Candidate,
): Steps<Claim | undefined> {
  const { job, priority } = candidate;
  const drop = (): undefined => void view.candidates.shift();
  if (!seeker.takes(job) || isWished(view.wishes, "hold", job)) return drop();
  if (candidate.block === undefined) {
    const block = yield* makeBlock(seeker, view, { job, priority });
    if (block === undefined) return drop();
    view.candidates.unshift({ job, priority, block });
    return undefined;
  }
  const block = { job, priority, block: candidate.block };
  if (view.items?.of !== candidate) {
    const names = yield* list(join(seeker.layout.ready, blockName(block)));
    if (names?.length === 0) {
      yield* removeFolder(join(seeker.layout.ready, blockName(block)));
    }
    if (!names) view.missed = true;
    if (!names || names.length === 0) return drop();
    const left = names.filter((name) => !view.gone.has(`${blockName(block)}/${name}`));
    view.items = { of: candidate, names: left.sort().reverse() };
  }
  const claim = yield* claimOne(seeker, view, block);
  if (claim) return claim;
  view.items = undefined;
  if (claim === undefined) drop();
  return undefined;
}

/** @returns nothing when none of the items seen is to be had, `null` to look into the block again. */
function* claimOne(
  seeker: Seeker,
  view: View,
  block: Block,
): Steps<Claim | null | undefined> {
  const { layout, worker } = seeker;
  const { wishes } = view;
  const names = view.items!.names;
  // others may see for a while what is claimed only to be given back
  if (yield* isThrottled(seeker, block.job, 1)) return undefined;
  let again = false;
  while (names.length > 0) {
    const name = names.pop()!;
    const item = parseItem(name);
    if (!item || isWished(wishes, "hold", block.job, item.task)) continue;
    const claim: Claim = { ...block, ...item, worker, since: seeker.now() };
    const from = join(layout.ready, blockName(block), itemName(item));
    if (!(yield* move(from, claimPath(layout, claim)))) {
      yield* refuseLost(layout.claimed, worker);
      view.missed = true;
      view.gone.add(`${blockName(block)}/${name}`);
      if (stepAside(names) > 0) again = true;
      continue;
    }
    again = true;
    if (isWished(wishes, "cancel", block.job, item.task)) {
      const now = seeker.now();
      yield* endClaim(layout, claim, { how: "cancel", code: 0, started: 0, ended: now });
      continue;
    }
    if (yield* isThrottled(seeker, block.job)) {
      yield* giveBack(layout, claim, claim.restart);
      return undefined;
    }
    return claim;
  }
  return again ? null : undefined;
}

/** Another worker was faster, and so it will be at the next name. @returns how many are left out. */
function stepAside(names: string[]): number {
  const left = Math.min(Math.floor(Math.random() * 8), names.length);
  names.length -= left;
  return left;
}

/** Where a claim lies. */
export function claimPath(layout: QueueLayout, claim: Claim): string {
  return join(layout.claimed, claim.worker, claimName(claim));
}

/** Whether more of a job are claimed than may be, with so many to come. */
function* isThrottled(seeker: Seeker, job: number, more = 0): Steps<boolean> {
  const most = seeker.throttle(job);
  if (most === Infinity) return false;
  const claims = yield* allClaims(seeker.layout);
  return claims.filter((claim) => claim.job === job).length + more > most;
}

/** All that is claimed now. */
export function* allClaims(layout: QueueLayout): Steps<Claim[]> {
  const claims: Claim[] = [];
  for (const worker of (yield* list(layout.claimed)) ?? []) {
    claims.push(...yield* claimsOf(layout, worker));
  }
  return claims;
}

/** What a worker has. */
export function* claimsOf(layout: QueueLayout, worker: string): Steps<Claim[]> {
  const names = (yield* list(join(layout.claimed, worker))) ?? [];
  return names.map((name) => parseClaim(worker, name)).filter((claim) => claim !== undefined);
}

/** The folder of a worker is gone when it was declared lost. */
function* refuseLost(parent: string, worker: string): Steps<void> {
  if (yield* exists(join(parent, worker))) return;
  throw new ConflictError(`Cannot go on as worker ${worker}: it was declared lost`, {
    hint: "what it ran was given to others; start a new worker",
  });
}

/** Makes items of the next block of a job. @returns its number, nothing when there is none now. */
function* makeBlock(
  seeker: Seeker,
  view: View,
  { job, priority }: Omit<Block, "block">,
): Steps<number | undefined> {
  const { layout, worker } = seeker;
  const blocks = yield* waitingBlocks(layout, job);
  for (const block of blocks) {
    const tasks = seeker.released(job, block);
    if (!tasks) continue;
    const own = makingPath(layout, worker, { job, priority, block });
    if (!(yield* move(join(waitingFolder(layout, job), String(block)), own))) {
      yield* refuseLost(layout.making, worker);
      view.missed = true;
      continue;
    }
    yield* fillBlock(seeker, { job, priority, block }, tasks);
    return block;
  }
  if (blocks.length > 0) return undefined;
  view.missed = true;
  // a listing may be old; that a folder could be removed is no opinion
  const waiting = waitingFolder(layout, job);
  yield* removeFolder(waiting);
  if (!(yield* exists(waiting))) yield* remove(join(layout.open, openName({ priority, job })));
  return undefined;
}

/** Where a worker makes items of a block. */
export function makingPath(layout: QueueLayout, worker: string, block: Block): string {
  return join(layout.making, worker, blockName(block));
}

/** Puts an item for each task into a block that this worker has, and makes it ready. */
export function* fillBlock(
  { layout, worker }: Pick<Seeker, "layout" | "worker">,
  block: Block,
  tasks: Iterable<number>,
): Steps<void> {
  const own = makingPath(layout, worker, block);
  for (const task of tasks) {
    const made = yield* create(join(own, itemName({ task, restart: 0 })));
    if (made === "absent") yield* refuseLost(layout.making, worker);
  }
  if (!(yield* move(own, join(layout.ready, blockName(block))))) {
    yield* refuseLost(layout.making, worker);
  }
}
