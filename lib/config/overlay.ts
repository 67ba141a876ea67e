import { isNull } from "./edits.ts";
import { overlayParams } from "./param_groups.ts";
import { type Entry, type MapNode, mapNode, type Node, withEntries } from "./located.ts";

/** Keys that say the same thing in different ways: who sets one puts the others aside. */
const ALTERNATIVES: { in: RegExp; keys: string[] }[] = [
  { in: /^$/, keys: ["command", "stages"] },
  { in: /^(?:stages\.[^.]+\.)?environment$/, keys: ["conda", "venv", "uv"] },
  {
    in: /^(?:(?:stages|sweep\.groups)\.[^.]+\.)?resources$/,
    keys: ["mem", "mem_per_cpu", "mem_per_gpu"],
  },
  { in: /^(?:stages\.[^.]+\.)?checkpoint$/, keys: ["dir", "pattern"] },
];

/** The groups of keys of which a block at this dotted path may have one. */
export function alternativesAt(path: string): string[][] {
  return ALTERNATIVES.filter((group) => group.in.test(path)).map(({ keys }) => keys);
}

/**
 * Lays a stronger value over a weaker one: mappings join key by key, anything else replaces, and
 * `null` takes away what is below it (with nothing below, it stays).
 *
 * @param path dotted place of the two in an experiment, for the keys of which only one may be.
 */
export function overlay(weak: Node, strong: Node, path = ""): Node {
  return weak.kind === "map" && strong.kind === "map" ? overlayMaps(weak, strong, path) : strong;
}

/** {@linkcode overlay} of two mappings. */
export function overlayMaps(weak: MapNode, strong: MapNode, path = ""): MapNode {
  if (path === "params") return overlayParams(weak, strong);
  const entries = new Map<string, Entry>(weak.entries);
  for (const other of putAside(strong, path)) entries.delete(other);
  for (const [key, entry] of strong.entries) {
    const below = entries.get(key);
    const inner = path === "" ? key : `${path}.${key}`;
    if (below && isNull(entry.value)) entries.delete(key);
    else {
      const under = below?.value ?? mapNode(entry.value.at);
      entries.set(key, { ...entry, value: overlay(under, entry.value, inner) });
    }
  }
  return withEntries(strong, entries);
}

function putAside({ entries }: MapNode, path: string): string[] {
  const groups = alternativesAt(path).filter((keys) =>
    keys.some((key) => entries.has(key) && !isNull(entries.get(key)!.value))
  );
  return groups.flat().filter((key) => !entries.has(key));
}

/**
 * Without the `null`s that had nothing to take away.
 *
 * @param kept blocks that keep theirs; those of parameters are values.
 */
export function withoutNulls(map: MapNode, kept: readonly string[] = ["params"]): MapNode {
  return withEntries(
    map,
    Array.from(map.entries).filter(([, { value }]) => !isNull(value)).map(([key, entry]) => {
      if (entry.value.kind !== "map" || kept.includes(key)) return [key, entry];
      return [key, { ...entry, value: withoutNulls(entry.value, kept) }];
    }),
  );
}
