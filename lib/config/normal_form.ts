import { addEntry, asText, changed, inMap, isNull, isText, withoutEmpty } from "./edits.ts";
import { flatForm } from "./flat_form.ts";
import { normalLauncher } from "./launcher_block.ts";
import { type Entry, errorAt, type MapNode, mapNode, type Node, withEntries } from "./located.ts";
import { orderedParams } from "./param_groups.ts";
import { isTextResource, resourceName } from "./resource_words.ts";
import { dotted, normalSweep } from "./sweep_form.ts";

/**
 * One file of an experiment with everything under its one name, so that files can be laid over each
 * other: the flat form sorted, aliases of resources resolved, a stage and `harvest` as mappings.
 * Outside `params`, a key with nothing behind it says nothing.
 *
 * @throws {ConfigError} where a file says something twice under two names.
 */
export function normalForm(file: MapNode): MapNode {
  let map = flatForm(withoutEmpty(file));
  map = changed(map, "params", inMap(orderedParams));
  map = changed(map, "stages", inMap(normalStages));
  map = changed(map, "sweep", inMap((sweep) => normalSweep(sweep, inMap(normalResources))));
  map = changed(
    map,
    "search",
    inMap((search) => changed(withoutEmpty(search), "space", dotted("search.space"))),
  );
  map = changed(map, "harvest", normalHarvest);
  return normalJob(map);
}

function normalJob(map: MapNode): MapNode {
  const job = changed(map, "resources", inMap(normalResources));
  const placed = changed(job, "checkpoint", normalCheckpoint);
  const launched = changed(placed, "launcher", normalLauncher);
  return changed(launched, "environment", inMap(normalEnvironment));
}

/** `checkpoint: ckpt` → `{dir: ckpt}`, or with `*` or `?` in it `{pattern: …}`. */
function normalCheckpoint(node: Node): Node {
  if (!isText(node)) return node;
  const key = node.kind === "scalar" && /[*?]/.test(node.text) ? "pattern" : "dir";
  return mapNode(node.at, [[key, { key: node.at, value: node }]]);
}

function normalStages(stages: MapNode): MapNode {
  return withEntries(
    stages,
    Array.from(withoutEmpty(stages).entries, ([name, entry]): [string, Entry] => {
      const { value } = entry;
      if (value.kind === "map") return [name, { ...entry, value: normalJob(withoutEmpty(value)) }];
      if (!isText(value)) return [name, entry];
      const command = mapNode(value.at, [["command", entry]]);
      return [name, { ...entry, value: command }];
    }),
  );
}

function normalResources(resources: MapNode): MapNode {
  let result = withEntries(resources, []);
  for (const [word, entry] of withoutEmpty(resources).entries) {
    const name = resourceName(word) ?? word;
    if (name === "gpus" || name === "gres") result = addGpus(result, name, entry);
    else {result = addEntry(
        result,
        name,
        isTextResource(name) ? textEntry(entry) : entry,
        "resources",
      );}
  }
  return result;
}

function textEntry(entry: Entry): Entry {
  return { ...entry, value: asText(entry.value) };
}

/** `gpus: a100:2`, `gres: gpu:a100:2`, `gres: gpu:2` → `gpus: 2` and the type. */
function addGpus(resources: MapNode, name: string, entry: Entry): MapNode {
  const node = entry.value;
  const text = node.kind === "scalar" && typeof node.value === "string" ? node.value : "";
  const typed =
    (name === "gres" ? /^gpu(?::([A-Za-z][\w.-]*))?:(\d+)$/ : /^([A-Za-z][\w.-]*):(\d+)$/)
      .exec(text);
  if (name === "gres" && !typed && !isNull(node)) {
    const hint = "write gpu:2 or gpu:a100:2; anything else goes under sbatch: [--gres=…]";
    throw errorAt(node.at, `Cannot use resources.gres: expected gpu:[type:]number`, hint);
  }
  const number: Node = typed
    ? { kind: "scalar", at: node.at, value: Number(typed[2]), text: typed[2]! }
    : node;
  const counted = addEntry(resources, "gpus", { ...entry, value: number }, "resources");
  if (!typed?.[1]) return counted;
  const type: Node = { kind: "scalar", at: node.at, value: typed[1], text: typed[1] };
  return addEntry(counted, "gpu_type", { ...entry, value: type }, "resources");
}

function normalEnvironment(environment: MapNode): MapNode {
  const given = withoutEmpty(environment);
  const texts = changed(
    given,
    "env",
    inMap((env) =>
      withEntries(env, Array.from(env.entries, ([name, entry]) => [name, textEntry(entry)]))
    ),
  );
  return changed(
    texts,
    "container",
    (node) => isText(node) ? mapNode(node.at, [["image", { key: node.at, value: node }]]) : node,
  );
}

/** A path, a list or one file → `files`. */
function normalHarvest(harvest: Node): Node {
  if (isText(harvest) || harvest.kind === "list") {
    return mapNode(harvest.at, [["files", { key: harvest.at, value: harvest }]]);
  }
  if (harvest.kind !== "map") return harvest;
  const given = withoutEmpty(harvest);
  if (!["path", "regex", "format"].some((key) => given.entries.has(key))) return given;
  const whole = ["artifacts", "direction", "files"];
  const file = Array.from(given.entries).filter(([key]) => !whole.includes(key));
  const rest = Array.from(given.entries).filter(([key]) => whole.includes(key));
  const item = withEntries(given, file);
  const files: Entry = { key: harvest.at, value: { kind: "list", at: item.at, items: [item] } };
  return addEntry(withEntries(given, rest), "files", files, "harvest");
}
