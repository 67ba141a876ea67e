import { parseBlock, parseClaim, parseDone, parseItem } from "../../schedulers/queue/places.ts";
import type { QueueListing } from "./listing.ts";

/** An item somewhere. */
export interface Located {
  job: number;
  task: number;
  path: string;
}

/** Each name with its folder. */
export function* each(folders: Map<string, string[]>): Generator<[folder: string, name: string]> {
  for (const [folder, names] of folders) for (const name of names) yield [folder, name];
}

/** Items in all places but `making`, where they are being made. */
export function locate({ ready, claimed, done }: QueueListing): Located[] {
  const found: Located[] = [];
  for (const [folder, name] of each(ready)) {
    const [block, item] = [parseBlock(folder), parseItem(name)];
    if (block && item) found.push({ ...block, ...item, path: `ready/${folder}/${name}` });
  }
  for (const [worker, name] of each(claimed)) {
    const claim = parseClaim(worker, name);
    if (claim) found.push({ ...claim, path: `claimed/${worker}/${name}` });
  }
  for (const [folder, name] of each(done)) {
    const [job, item] = [parseDoneFolder(folder), parseDone(name)];
    if (job !== undefined && item) {
      found.push({ job, task: item.task, path: `done/${folder}/${name}` });
    }
  }
  return found;
}

/** The job of a folder of ended items. */
export function parseDoneFolder(name: string): number | undefined {
  return parseBlock(`0000.${name}`)?.job;
}
