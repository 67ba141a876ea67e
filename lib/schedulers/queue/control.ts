import { join } from "node:path";
import { SchedulerError } from "../../core/errors.ts";
import { createExclusive, removeIfThere } from "../../system/files.ts";
import { positionOf } from "../batch/tasks.ts";
import { perform } from "./disk.ts";
import { moveInto } from "./end.ts";
import { waitingBlocks } from "./job.ts";
import {
  blockName,
  doneFolder,
  doneName,
  itemName,
  openName,
  parseBlock,
  parseOpen,
  parseWish,
  type QueueLayout,
  type Wish,
  wishName,
} from "./places.ts";
import type { JobView } from "./reading.ts";
import { create, list, move, type Steps } from "./steps.ts";

/** Leaves a wish for the workers, for ever or until it is taken back. */
export function wish(layout: QueueLayout, one: Wish): void {
  createExclusive(join(layout.wishes, wishName(one)));
}

/** Takes wishes of one kind back. @returns how many there were. */
export function unwish(layout: QueueLayout, { kind, job, task }: Omit<Wish, "epoch">): number {
  const names = perform(list(layout.wishes)) ?? [];
  const own = names.filter((name) => {
    const one = parseWish(name);
    return one?.kind === kind && one.job === job && (task === undefined || one.task === task);
  });
  for (const name of own) removeIfThere(join(layout.wishes, name));
  return own.length;
}

/** The block that a task belongs to. */
export function blockOf({ known: { indices, spec } }: JobView, task: number): number {
  return Math.floor(positionOf(indices, task) / spec.blockSize);
}

/**
 * Runs tasks of a job again: what runs is ended first by its worker, what is over goes back.
 *
 * @param task all that run or are over unless told.
 * @throws {SchedulerError} when there is nothing to run again.
 */
export function requeue(
  layout: QueueLayout,
  id: number,
  view: JobView | undefined,
  { task, epoch }: { task?: number; epoch: number },
): void {
  const refuse = (why: string): SchedulerError =>
    new SchedulerError(
      `Cannot requeue job ${id}${task === undefined ? "" : ` task ${task}`}: ${why}`,
      {
        hint: "only what runs or has ended by itself can be run again; submit it anew",
      },
    );
  if (!view) throw refuse("there is no such job");
  const { spec } = view.known;
  if (view.cancelled !== undefined) throw refuse("it was cancelled");
  const wanted = task === undefined ? [...view.done.keys(), ...view.claims.keys()] : [task];
  const mine = wanted.filter((one) =>
    !view.cancelledTasks.has(one) && (view.done.has(one) || view.claims.has(one))
  );
  if (mine.length === 0) throw refuse("it has not started, or was cancelled");
  for (const one of mine) {
    const done = view.done.get(one);
    if (!done) {
      wish(layout, { kind: "requeue", job: id, task: one, epoch });
      continue;
    }
    const block = { priority: spec.priority, job: id, block: blockOf(view, one) };
    const from = join(doneFolder(layout, block), doneName(done));
    const folder = join(layout.ready, blockName(block));
    perform(moveInto(folder, from, itemName({ task: one, restart: done.restart + 1 })));
  }
}

/**
 * Gives a job another priority: what is ready of it, and what is still to be made ready.
 *
 * @returns how many blocks and names were moved.
 */
export function boost(layout: QueueLayout, job: number, priority: number): number {
  return perform(boostSteps(layout, job, priority));
}

export function* boostSteps(layout: QueueLayout, job: number, priority: number): Steps<number> {
  let moved = 0;
  // what is to come first: a block that is made ready meanwhile may have either priority
  for (const name of (yield* list(layout.open)) ?? []) {
    const one = parseOpen(name);
    if (one?.job !== job || one.priority === priority) continue;
    if (yield* move(join(layout.open, name), join(layout.open, openName({ job, priority })))) {
      moved++;
    }
  }
  for (const name of (yield* list(layout.ready)) ?? []) {
    const block = parseBlock(name);
    if (block?.job !== job || block.priority === priority) continue;
    moved += yield* moveItems(layout, name, blockName({ ...block, priority }));
  }
  if ((yield* waitingBlocks(layout, job)).length > 0) {
    yield* create(join(layout.open, openName({ job, priority })));
  }
  return moved;
}

/** Item by item: a folder of the other name may be there already. */
function* moveItems(layout: QueueLayout, from: string, to: string): Steps<number> {
  let moved = 0;
  for (const name of (yield* list(join(layout.ready, from))) ?? []) {
    if (yield* moveInto(join(layout.ready, to), join(layout.ready, from, name), name)) moved++;
  }
  return moved;
}
