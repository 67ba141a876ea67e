import { type KnownJob, tasksOfBlock } from "../schedulers/queue/job.ts";
import type { QueueReading } from "../schedulers/queue/reading.ts";

/** Tasks of a block that may run, as far as dependencies go; `undefined` while they cannot tell. */
export function releasedTasks(
  reading: QueueReading,
  job: KnownJob,
  block: number,
): number[] | undefined {
  const gate = reading.gate(job.id);
  const open: number[] = [];
  for (const task of tasksOfBlock(job, block)) {
    const { open: isOpen, never } = { open: false, never: undefined, ...gate(task) };
    if (isOpen) open.push(task);
    else if (never === undefined) return undefined;
  }
  return open;
}
