import { addEntry, changed, inMap, isEmpty, withoutEmpty } from "./edits.ts";
import { type MapNode, type Node, withEntries } from "./located.ts";

/**
 * A `sweep` block with its nested parameters as dotted keys, sub-sweeps too.
 *
 * @param resources makes the normal form of a group's resources.
 */
export function normalSweep(
  sweep: MapNode,
  resources: (node: Node) => Node = (node) => node,
): MapNode {
  const inner = inMap((map) => normalSweep(map, resources));
  let map = withoutEmpty(sweep);
  for (const part of ["grid", "zip", "when"]) map = changed(map, part, dotted(`sweep.${part}`));
  for (const part of ["random", "sobol", "lhs"]) {
    const params = dotted(`sweep.${part}.params`);
    map = changed(map, part, inMap((draws) => changed(withoutEmpty(draws), "params", params)));
  }
  map = changed(map, "resources", resources);
  map = changed(
    map,
    "concat",
    (node) => node.kind === "list" ? { ...node, items: node.items.map(inner) } : node,
  );
  return changed(
    map,
    "groups",
    inMap((groups) =>
      withEntries(
        groups,
        Array.from(
          withoutEmpty(groups).entries,
          ([name, entry]) => [name, { ...entry, value: inner(entry.value) }],
        ),
      )
    ),
  );
}

/** Nested parameters as dotted keys. */
export function dotted(section: string): (node: Node) => Node {
  return inMap((group) => flattened(group, "", withEntries(group, []), section));
}

function flattened(group: MapNode, prefix: string, result: MapNode, section: string): MapNode {
  return Array.from(group.entries).reduce((flat, [key, entry]) => {
    const name = `${prefix}${key}`;
    if (entry.value.kind === "map") return flattened(entry.value, `${name}.`, flat, section);
    return isEmpty(entry.value) ? flat : addEntry(flat, name, entry, section);
  }, result);
}
