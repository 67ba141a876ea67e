import { parseJobName } from "../../core/job_name.ts";
import { lookAround } from "../../schedulers/queue/claim.ts";
import { perform } from "../../schedulers/queue/disk.ts";
import { readJob } from "../../schedulers/queue/job.ts";
import type { QueueLayout } from "../../schedulers/queue/places.ts";
import type { Gpu } from "../gpu/devices.ts";
import { classKey, memoryFolder, readLearned } from "../gpu/learned_memory.ts";
import { memoryOfRun, type Need } from "../gpu/workers_per_gpu.ts";

/** What runs need of one of these GPUs; `undefined` where nobody knows. */
export type LearnedNeed = (gpus: readonly Gpu[]) => Need | undefined;

/**
 * What the runs that wait for GPUs now need, by what earlier ones of their classes used: the most.
 * What cannot be read is not known.
 */
export function learnedNeed(layout: QueueLayout): LearnedNeed {
  try {
    return readNeed(layout);
  } catch {
    return () => undefined;
  }
}

function readNeed(layout: QueueLayout): LearnedNeed {
  const learned = readLearned(memoryFolder(layout));
  if (learned.size === 0) return () => undefined;
  const jobs = new Set(perform(lookAround({ layout })).candidates.map(({ job }) => job));
  const subjects = [...jobs].flatMap((id) => {
    const { name = "", gpus = 0 } = readJob(layout, id)?.spec ?? {};
    return gpus > 0 ? parseJobName(name) ?? [] : [];
  });
  return (gpus) => {
    const models = new Set(gpus.flatMap(({ model }) => model ?? []));
    const needs = subjects.flatMap((subject) =>
      [...models].flatMap((model) =>
        memoryOfRun(undefined, learned.get(classKey({ ...subject, model }))) ?? []
      )
    );
    return needs.toSorted((a, b) => b.memory - a.memory)[0];
  };
}
