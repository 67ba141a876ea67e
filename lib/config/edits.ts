import { type Entry, errorAt, type MapNode, type Node, withEntries, withEntry } from "./located.ts";

/** Whether nothing was written: `key:` and no more. An explicit `null` is something. */
export function isEmpty(node: Node): boolean {
  return isNull(node) && node.kind === "scalar" && node.text === "";
}

/** The mapping without the keys behind which nothing was written. */
export function withoutEmpty(map: MapNode): MapNode {
  return withEntries(map, Array.from(map.entries).filter(([, { value }]) => !isEmpty(value)));
}

/** Applies `change` to the value of a key, where there is one. */
export function changed(map: MapNode, key: string, change: (node: Node) => Node): MapNode {
  const entry = map.entries.get(key);
  return entry ? withEntry(map, key, { ...entry, value: change(entry.value) }) : map;
}

/** Applies `change` where the node is a mapping, and leaves any other to the schema. */
export function inMap(change: (map: MapNode) => MapNode): (node: Node) => Node {
  return (node) => node.kind === "map" ? change(node) : node;
}

/** The text as it was written, where the value is a number or a switch. */
export function asText(node: Node): Node {
  return node.kind === "scalar" && node.value !== null ? { ...node, value: node.text } : node;
}

/** Whether a node is `null`, which takes an inherited value away. */
export function isNull(node: Node): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** Whether a node is text. */
export function isText(node: Node): boolean {
  return node.kind === "scalar" && typeof node.value === "string";
}

/** Sets a key that must not be there yet. */
export function addEntry(map: MapNode, key: string, entry: Entry, section: string): MapNode {
  const before = map.entries.get(key);
  if (!before) return withEntry(map, key, entry);
  const line = before.key.line === undefined ? "before" : `in line ${before.key.line} already`;
  throw errorAt(
    entry.key,
    `Cannot set ${section}.${key} twice: it is set ${line}`,
    "remove one of them",
  );
}
