import { didYouMean, nearest } from "../core/suggest.ts";
import {
  type Entry,
  errorAt,
  mapAt,
  type MapNode,
  mapNode,
  withEntries,
  withEntry,
} from "./located.ts";
import { addEntry } from "./edits.ts";
import { resourceName } from "./resource_words.ts";
import { EXPERIMENT_KEYS } from "./schema.ts";

/**
 * Sorts the free keys at the top of a file into their blocks: names of resources go to `resources`,
 * all others to `params`. A file with a `params` block has no free keys.
 *
 * @throws {ConfigError} on a free key beside `params`, or one that looks like a mistyped block.
 */
export function flatForm(file: MapNode): MapNode {
  const known = Array.from(file.entries).filter(([key]) => EXPERIMENT_KEYS.includes(key));
  let sorted = withEntries(file, known);
  for (const [key, entry] of file.entries) {
    if (EXPERIMENT_KEYS.includes(key)) continue;
    if (file.entries.has("params")) throw freeKey(key, entry);
    if (resourceName(key)) sorted = into(sorted, "resources", key, entry);
    else if (nearest(key, EXPERIMENT_KEYS)) throw mistyped(key, entry);
    else sorted = into(sorted, "params", key, entry);
  }
  return sorted;
}

function into(file: MapNode, block: string, key: string, entry: Entry): MapNode {
  const before = file.entries.get(block);
  const map = mapAt(file, block) ?? mapNode(entry.key);
  const value = addEntry(map, key, entry, block);
  return withEntry(file, block, { key: before?.key ?? entry.key, value });
}

function freeKey(key: string, { key: at }: Entry) {
  const resource = resourceName(key);
  const near = nearest(key, EXPERIMENT_KEYS);
  const place = near ? didYouMean(key, EXPERIMENT_KEYS) : `write it under params: params.${key}`;
  return errorAt(
    at,
    `Cannot use the key ${JSON.stringify(key)} at the top: it is not known, beside a params block`,
    resource ? `write it under resources: resources.${resource}` : place,
  );
}

function mistyped(key: string, { key: at }: Entry) {
  return errorAt(
    at,
    `Cannot use the key ${JSON.stringify(key)} at the top: it is not known`,
    `${didYouMean(key, EXPERIMENT_KEYS)} (a parameter of this name goes under params:)`,
  );
}
