import { blockName, parseBlock } from "../../schedulers/queue/places.ts";
import type { Finding } from "./findings.ts";
import { hasTask, type ListedJob, type QueueListing } from "./listing.ts";
import type { Located } from "./located.ts";

/** Items of nothing, and items that are twice. */
export function checkItems({ jobs, ready }: QueueListing, items: Located[]): Finding[] {
  const findings: Finding[] = [];
  for (const name of ready.keys()) {
    const block = parseBlock(name);
    if (!block || jobs.has(block.job)) continue;
    const why = `there is no job ${block.job}`;
    findings.push({ kind: "no_job", path: `ready/${name}`, why, repair: "aside" });
  }
  for (const { job, task, path } of items) {
    const known = jobs.get(job);
    if (!jobs.has(job) && !path.startsWith("ready/")) {
      findings.push({ kind: "no_job", path, why: `there is no job ${job}` });
    } else if (known && !hasTask(known, task)) {
      findings.push({ kind: "no_task", path, why: `job ${job} has no task ${task}` });
    }
  }
  for (const [key, same] of Map.groupBy(items, ({ job, task }) => `${job}_${task}`)) {
    if (same.length < 2) continue;
    const path = same.map((one) => one.path).sort().join(" and ");
    findings.push({ kind: "doubled", path, why: `${key} lies in ${same.length} places` });
  }
  return findings;
}

/** Tasks that were made into items, and lie nowhere. */
export function checkMissing({ jobs, making, settled }: QueueListing, items: Located[]): Finding[] {
  const there = Map.groupBy(items, ({ job }) => job);
  const made = [...making.values()].flat().flatMap((name) => parseBlock(name) ?? []);
  return [...jobs].flatMap(([job, known]): Finding[] => {
    if (!known) return [];
    const unmade = new Set(known.waiting.map(Number));
    for (const block of made) if (block.job === job) unmade.add(block.block);
    const found = new Set(there.get(job)?.map(({ task }) => task));
    return [...missingTasks(known, unmade, found)].filter((task) => !settled(job, task))
      .map((task) => ({
        kind: "missing",
        path: `ready/${blockName({ ...known, job, block: blockOf(known, task) })}`,
        why: `task ${task} of job ${job} lies nowhere: submit it anew`,
      }));
  });
}

function* missingTasks(
  { tasks, blockSize }: ListedJob,
  unmade: ReadonlySet<number>,
  found: ReadonlySet<number>,
): Generator<number> {
  for (const [position, task] of tasks.entries()) {
    if (!unmade.has(Math.floor(position / blockSize)) && !found.has(task)) yield task;
  }
}

function blockOf({ tasks, blockSize }: ListedJob, task: number): number {
  return Math.floor(tasks.indexOf(task) / blockSize);
}
