import { isNull } from "./edits.ts";
import {
  type Entry,
  errorAt,
  type MapNode,
  mapNode,
  type Node,
  withEntries,
  withEntry,
} from "./located.ts";

/**
 * Lays parameters over weaker ones. A dotted key is a path: `optim.lr` sets `lr` in the group
 * `optim`, and makes the group where there is none. Beside a plain `optim` (the choice of a config
 * group in Hydra) it stays a key of its own. Else as `overlay`.
 */
export function overlayParams(weak: MapNode, strong: MapNode): MapNode {
  return Array.from(strong.entries).reduce(
    (params, [key, entry]) => put(params, key, entry),
    withEntries(strong, weak.entries),
  );
}

function put(map: MapNode, key: string, entry: Entry): MapNode {
  const below = map.entries.get(key)?.value;
  const value = entry.value.kind === "map"
    ? overlayParams(below?.kind === "map" ? below : mapNode(entry.value.at), entry.value)
    : entry.value;
  if (below) return isNull(value) ? without(map, key) : replaced(map, key, { ...entry, value });
  const [head, rest] = split(key);
  if (rest === undefined) return withEntry(map, key, { ...entry, value });
  const group = map.entries.get(head);
  if (group && group.value.kind !== "map") return withEntry(map, key, { ...entry, value });
  const inner = put(mapOr(group?.value, entry), rest, entry);
  return withEntry(map, head, { key: group?.key ?? entry.key, value: inner });
}

function mapOr(node: Node | undefined, { key }: Entry): MapNode {
  return node?.kind === "map" ? node : mapNode(key);
}

/** A key with another value; a group leaves no room for dotted keys beside it. */
function replaced(map: MapNode, key: string, entry: Entry): MapNode {
  const result = withEntry(map, key, entry);
  if (entry.value.kind !== "map") return result;
  return withEntries(
    result,
    Array.from(result.entries).filter(([other]) => !other.startsWith(`${key}.`)),
  );
}

function without(map: MapNode, key: string): MapNode {
  return withEntries(map, Array.from(map.entries).filter(([other]) => other !== key));
}

/** `optim.lr` → `["optim", "lr"]`; a key without dots, or with a dot at an end or two, is whole. */
function split(key: string): [string, string?] {
  const dot = key.indexOf(".");
  return key.split(".").includes("") || dot < 0 ? [key] : [key.slice(0, dot), key.slice(dot + 1)];
}

/**
 * The parameters of one file in the order in which they are to be laid over others: a plain `optim`
 * before `optim.lr`.
 *
 * @throws {ConfigError} where it gives one parameter twice.
 */
export function orderedParams(params: MapNode): MapNode {
  const seen = new Map<string, Entry>();
  for (const [path, entry] of leaves(params, "")) {
    const twice = seen.get(path);
    if (twice) {
      const line = twice.key.line === undefined ? "" : ` in line ${twice.key.line} too`;
      throw errorAt(
        entry.key,
        `Cannot set params.${path} twice: it is set${line}`,
        "remove one of them",
      );
    }
    seen.set(path, entry);
  }
  const entries = Array.from(params.entries);
  const dotted = ([key]: [string, Entry]) => key.includes(".");
  return withEntries(params, [
    ...entries.filter((entry) => !dotted(entry)),
    ...entries.filter(dotted),
  ]);
}

function leaves(map: MapNode, prefix: string): [string, Entry][] {
  return Array.from(map.entries).flatMap(([key, entry]): [string, Entry][] =>
    entry.value.kind === "map" && entry.value.entries.size > 0
      ? leaves(entry.value, `${prefix}${key}.`)
      : [[`${prefix}${key}`, entry]]
  );
}
