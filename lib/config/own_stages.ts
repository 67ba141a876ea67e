import { type Entry, mapAt, mapFromValue, type MapNode, mapNode, withEntry } from "./located.ts";

const BY_PROGRAM = { source: "the manager" };

/**
 * Adds the stages that a program writes the commands of, with a place-holder as their command.
 * `eval` comes after `train`. Stages and the command of the file stay as they are.
 */
export function withOwnStages(tree: MapNode, names: readonly string[]): MapNode {
  const command = tree.entries.get("command");
  const stages = new Map<string, Entry>(mapAt(tree, "stages")?.entries);
  if (command) stages.set("train", { key: command.key, value: stageOf(command) });
  const missing = names.filter((name) => !stages.has(name));
  if (missing.length === 0) return tree;
  for (const name of missing) {
    const after = name === "eval" && (stages.has("train") || names.includes("train"));
    const value = mapFromValue(
      { command: ":", args: "none", after: after ? ["train"] : [] },
      BY_PROGRAM,
    );
    stages.set(name, { key: BY_PROGRAM, value });
  }
  const entries = new Map(tree.entries);
  entries.delete("command");
  const value = mapNode(mapAt(tree, "stages")?.at ?? BY_PROGRAM, stages);
  return withEntry({ ...tree, entries }, "stages", { key: value.at, value });
}

function stageOf(command: Entry): MapNode {
  return mapNode(command.key, [["command", command]]);
}
