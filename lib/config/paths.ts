import { isAbsolute, join } from "node:path";
import { errorAt, type MapNode, type Node, type ScalarNode, withEntries } from "./located.ts";
import { changed, inMap } from "./edits.ts";

/** What paths of an experiment are read with. */
export interface Surroundings {
  /** The project's folder, absolute: relative paths of `workdir` and `secrets` start here. */
  folder: string;
  /** Variables for `$SCRATCH/x` and, with HOME, `~/x`. */
  env: Record<string, string | undefined>;
}

/**
 * Writes out `~` and `$VARIABLE` in the paths of an experiment, so that a job does not depend on
 * its surroundings; makes `workdir` and the files of `secrets` absolute.
 *
 * @throws {ConfigError} where a variable is not set.
 */
export function withPaths(experiment: MapNode, around: Surroundings): MapNode {
  const absolute = (node: Node) => rooted(expanded(node, around), around);
  const environment = inMap((map) => inEnvironment(map, around, absolute));
  const all = changed(changed(experiment, "workdir", absolute), "environment", environment);
  return changed(
    all,
    "stages",
    inMap((stages) => each(stages, inMap((stage) => changed(stage, "environment", environment)))),
  );
}

function inEnvironment(
  environment: MapNode,
  around: Surroundings,
  absolute: (node: Node) => Node,
): MapNode {
  const expand = (node: Node) => expanded(node, around);
  let map = environment;
  for (const key of ["conda", "venv", "uv"]) map = changed(map, key, expand);
  map = changed(
    map,
    "container",
    inMap((container) => {
      let inner = container;
      for (const key of ["image", "overlays", "binds"]) inner = changed(inner, key, expand);
      return inner;
    }),
  );
  return changed(map, "secrets", inMap((secrets) => each(secrets, absolute)));
}

function each(map: MapNode, change: (node: Node) => Node): MapNode {
  return withEntries(
    map,
    Array.from(map.entries, ([key, entry]) => [key, { ...entry, value: change(entry.value) }]),
  );
}

function expanded(node: Node, around: Surroundings): Node {
  if (node.kind === "list") {
    return { ...node, items: node.items.map((item) => expanded(item, around)) };
  }
  if (node.kind !== "scalar" || typeof node.value !== "string") return node;
  const value = node.value
    .replace(/^~(?=\/|$)/, () => variable("HOME", node, around))
    .replaceAll(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (_, braced, bare) => variable(braced ?? bare, node, around),
    );
  return { ...node, value };
}

function variable(name: string, node: ScalarNode, { env }: Surroundings): string {
  const value = env[name];
  if (value) return value;
  const hint = "write the path out, or set the variable before you run expflow";
  throw errorAt(
    node.at,
    `Cannot use the path ${JSON.stringify(node.value)}: $${name} is not set`,
    hint,
  );
}

function rooted(node: Node, { folder }: Surroundings): Node {
  if (node.kind !== "scalar" || typeof node.value !== "string" || node.value === "") return node;
  return isAbsolute(node.value) ? node : { ...node, value: join(folder, node.value) };
}
