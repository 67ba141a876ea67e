import type { ConfigError } from "../core/errors.ts";
import { type Entry, errorAt, mapAt, type MapNode, type Node } from "./located.ts";
import { alternativesAt } from "./overlay.ts";
import { hasSecretShape, isSecret } from "./secrets.ts";

/** Refuses a block of one file that sets two keys of which it may set one. */
export function checkAlternatives(experiment: MapNode): void {
  for (const { block, path } of blocksOf(experiment)) {
    for (const keys of alternativesAt(path)) {
      const [first, second] = keys.filter((key) => block.entries.has(key));
      if (!second) continue;
      throw errorAt(
        block.entries.get(second)!.key,
        `Cannot use both ${first} and ${second}${path === "" ? "" : ` in ${path}`}`,
        `keep one of ${keys.join(", ")}`,
      );
    }
  }
}

/**
 * Refuses secrets among values that end in scripts, arguments and metadata. The value itself is in
 * no message.
 */
export function checkSecrets(experiment: MapNode): void {
  for (const { block, path } of blocksOf(experiment)) {
    if (path.endsWith("environment")) checkVariables(mapAt(block, "env"), `${path}.env`);
  }
  for (const key of ["command", "stages", "params", "environment", "sweep"]) {
    const entry = experiment.entries.get(key);
    if (entry) checkShapes(entry, key);
  }
}

function checkVariables(env: MapNode | undefined, path: string): void {
  for (const [name, { value }] of env?.entries ?? []) {
    if (value.kind === "scalar" && isSecret(name, value.text)) {
      throw secret(value, `${path}.${name}`, name);
    }
  }
}

function checkShapes({ value: node }: Entry, path: string): void {
  if (node.kind === "scalar") {
    if (hasSecretShape(node.text)) throw secret(node, path, "NAME");
  } else if (node.kind === "list") {
    node.items.forEach((item, index) =>
      checkShapes({ key: item.at, value: item }, `${path}[${index}]`)
    );
  } else {
    node.entries.forEach((entry, key) => checkShapes(entry, `${path}.${key}`));
  }
}

function secret(node: Node, path: string, name: string): ConfigError {
  const hint =
    `put it into a file of your own and name that: environment.secrets: {${name}: ~/.secret}`;
  return errorAt(node.at, `Cannot use ${path}: its value looks like a secret`, hint);
}

/** The blocks that have alternatives or variables: of the experiment, each stage and each group. */
function blocksOf(experiment: MapNode): { block: MapNode; path: string }[] {
  const sweep = mapAt(experiment, "sweep");
  const owners = [
    { owner: experiment, prefix: "" },
    ...named(mapAt(experiment, "stages"), "stages"),
    ...named(sweep && mapAt(sweep, "groups"), "sweep.groups"),
  ];
  const inner = owners.flatMap(({ owner, prefix }) =>
    ["resources", "environment", "checkpoint"].flatMap((key) => {
      const block = owner.kind === "map" ? mapAt(owner, key) : undefined;
      return block ? [{ block, path: `${prefix}${key}` }] : [];
    })
  );
  return [{ block: experiment, path: "" }, ...inner];
}

function named(map: MapNode | undefined, path: string): { owner: Node; prefix: string }[] {
  return Array.from(
    map?.entries ?? [],
    ([name, { value }]) => ({ owner: value, prefix: `${path}.${name}.` }),
  );
}
