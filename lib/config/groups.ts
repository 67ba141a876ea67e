import { addEntry } from "./edits.ts";
import { type Entry, type MapNode, mapNode, withEntries, withEntry } from "./located.ts";
import { isParamKey } from "./schema.ts";

/** `optim.lr: 0.1` → `optim: {lr: 0.1}`, where each part can be a name. */
export function grouped(params: MapNode): MapNode {
  let result = withEntries(params, []);
  for (const [key, entry] of params.entries) {
    const value = entry.value.kind === "map" ? grouped(entry.value) : entry.value;
    const parts = key.split(".");
    const path = parts.length > 1 && parts.every(isParamKey) ? parts : [key];
    result = placed(result, path, { ...entry, value }, "params");
  }
  return result;
}

/** The mapping with a value at a path; groups on the way are made, nothing is overwritten. */
export function placed(map: MapNode, path: string[], entry: Entry, section: string): MapNode {
  const [head = "", ...rest] = path;
  const before = map.entries.get(head);
  const inner = `${section}.${head}`;
  if (rest.length === 0) {
    if (before?.value.kind !== "map" || entry.value.kind !== "map") {
      return addEntry(map, head, entry, section);
    }
    const joined = Array.from(entry.value.entries).reduce(
      (group, [key, item]) => placed(group, [key], item, inner),
      before.value,
    );
    return withEntry(map, head, { ...before, value: joined });
  }
  const group = before ? before.value : mapNode(entry.key);
  if (group.kind !== "map") return addEntry(map, head, entry, section);
  const value = placed(group, rest, entry, inner);
  return withEntry(map, head, { key: before?.key ?? entry.key, value });
}
