import { join } from "node:path";
import { allClaims } from "./claim.ts";
import { perform } from "./disk.ts";
import {
  type Block,
  blockName,
  parseBlock,
  parseItem,
  parseOpen,
  type QueueLayout,
} from "./places.ts";
import { list } from "./steps.ts";

/** The priority that a task has now, as told by where it lies; nothing for what is over. */
export function prioritiesOf(
  layout: QueueLayout,
): (job: number, task: number) => number | undefined {
  const open = new Map(
    named(layout.open, parseOpen).map(({ job, priority }) => [job, priority]),
  );
  const blocks = Map.groupBy(named(layout.ready, parseBlock), ({ job }) => job);
  const running = new Map(
    perform(allClaims(layout)).map(({ job, task, priority }) => [`${job}_${task}`, priority]),
  );
  const several = new Map<number, Map<number, number>>();
  const ofItems = (job: number, of: readonly Block[]): Map<number, number> => {
    const known = several.get(job) ?? itemPriorities(layout, of);
    several.set(job, known);
    return known;
  };
  return (job, task) => {
    const claimed = running.get(`${job}_${task}`);
    if (claimed !== undefined) return claimed;
    const ready = blocks.get(job) ?? [];
    const common = new Set(ready.map(({ priority }) => priority));
    const later = open.get(job);
    if (later !== undefined) common.add(later);
    if (common.size <= 1) return [...common][0];
    return ofItems(job, ready).get(task) ?? later;
  };
}

function itemPriorities(layout: QueueLayout, blocks: readonly Block[]): Map<number, number> {
  return new Map(
    blocks.flatMap((block) =>
      named(join(layout.ready, blockName(block)), parseItem)
        .map(({ task }) => [task, block.priority] as const)
    ),
  );
}

function named<T>(folder: string, parse: (name: string) => T | undefined): T[] {
  return (perform(list(folder)) ?? []).flatMap((name) => parse(name) ?? []);
}
