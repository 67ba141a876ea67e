import { join } from "node:path";
import { fillBlock, makingPath } from "../schedulers/queue/claim.ts";
import { blockOf } from "../schedulers/queue/control.ts";
import { perform } from "../schedulers/queue/disk.ts";
import { moveInto } from "../schedulers/queue/end.ts";
import { waitingBlocks } from "../schedulers/queue/job.ts";
import {
  type Block,
  blockName,
  parseBlock,
  parseItem,
  type QueueLayout,
  waitingFolder,
} from "../schedulers/queue/places.ts";
import type { JobView, QueueReading } from "../schedulers/queue/reading.ts";
import { list, move, type Steps } from "../schedulers/queue/steps.ts";
import { enrol, newWorkerId } from "../schedulers/queue/workers.ts";
import { type Clock, epochSeconds } from "../system/clock.ts";
import { startOfProcess } from "../system/processes.ts";
import { leave } from "./recover_worker.ts";
import { releasedTasks } from "./released.ts";

/** Whether a task has its priority now; `gone`: a worker has it. `blocked`: others come before it. */
export type Boosted = "moved" | "gone" | "blocked";

/** Gives one task of a job another priority. It is made an item first where it is none. */
export function boostTask(
  layout: QueueLayout,
  reading: QueueReading,
  view: JobView,
  { task, priority, clock }: { task: number; priority: number; clock: Clock },
): Boosted {
  const { id } = view.known;
  const block = blockOf(view, task);
  if (perform(waitingBlocks(layout, id)).includes(block)) {
    const tasks = releasedTasks(reading, view.known, block);
    if (!tasks) return "blocked";
    const { priority: usual } = view.known.spec;
    makeItems(layout, { priority: usual, job: id, block }, tasks, clock);
  }
  return perform(moveTask(layout, { priority, job: id, block }, task)) ? "moved" : "gone";
}

/**
 * As a worker would that then has nothing to run. What is left of it when this process is killed is
 * what a lost worker leaves.
 */
function makeItems(layout: QueueLayout, block: Block, tasks: number[], clock: Clock): void {
  const host = Deno.hostname();
  const worker = newWorkerId(host, Deno.pid);
  const process = { host, pid: Deno.pid, start: startOfProcess(Deno.pid) };
  const since = epochSeconds(clock);
  enrol(layout, { version: 1, id: worker, ...process, since, cpus: 0, gpus: [] });
  try {
    const from = join(waitingFolder(layout, block.job), String(block.block));
    const taken = perform(move(from, makingPath(layout, worker, block)));
    if (taken) perform(fillBlock({ layout, worker }, block, tasks));
  } finally {
    leave(layout, worker, clock);
  }
}

function* moveTask(layout: QueueLayout, to: Block, task: number): Steps<boolean> {
  for (const name of (yield* list(layout.ready)) ?? []) {
    const block = parseBlock(name);
    if (block?.job !== to.job || block.block !== to.block) continue;
    for (const item of (yield* list(join(layout.ready, name))) ?? []) {
      if (parseItem(item)?.task !== task) continue;
      if (block.priority === to.priority) return true;
      const from = join(layout.ready, name, item);
      if (yield* moveInto(join(layout.ready, blockName(to)), from, item)) return true;
    }
  }
  return false;
}
