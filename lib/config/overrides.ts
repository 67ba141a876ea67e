import { UsageError } from "../core/errors.ts";
import { nearest } from "../core/suggest.ts";
import { type Entry, mapAt, type MapNode, mapNode, type Origin, withEntry } from "./located.ts";
import { normalForm } from "./normal_form.ts";
import { resourceName } from "./resource_words.ts";
import { EXPERIMENT_KEYS } from "./schema.ts";
import { parseValue } from "./values.ts";

const SET: Origin = { source: "--set" };

/** Blocks whose keys are the user's own and may hold dots. */
const OPEN_BLOCKS = [
  "params",
  "sweep.grid",
  "sweep.zip",
  "sweep.when",
  "sweep.random.params",
  "sweep.sobol.params",
  "sweep.lhs.params",
  "harvest.direction",
  "harvest.regex",
];

/**
 * Reads what `--set` was given, `params.lr=0.1` each, into a layer of an experiment. A value is a
 * scalar or a flow list or mapping of YAML 1.2; nothing after the `=` is the empty text, and `null`
 * takes an inherited value away. Of two for one key the later counts.
 *
 * @throws {UsageError} with what was meant, where it can be guessed.
 */
export function parseOverrides(sets: readonly string[]): MapNode {
  return normalForm(sets.reduce((layer, given) => {
    const equals = given.indexOf("=");
    const [key, text] = [given.slice(0, equals).trim(), given.slice(equals + 1).trim()];
    if (equals < 0) {
      throw cannotSet(given, "it has no =", `write --set ${given}=VALUE`);
    }
    const path = pathOf(given, key, text);
    return setAt(layer, path, { key: SET, value: parseValue(text, SET) });
  }, mapNode(SET)));
}

function pathOf(given: string, key: string, text: string): string[] {
  const parts = key.split(".");
  const [top = ""] = parts;
  if (parts.includes("")) throw cannotSet(given, "a part of its key is empty", "as params.lr=0.1");
  if (top === "extends") {
    throw cannotSet(given, "templates cannot be changed this way", "edit extends: in the file");
  }
  if (!EXPERIMENT_KEYS.includes(top)) {
    const problem = `${JSON.stringify(top)} is not a key of an experiment`;
    throw cannotSet(given, problem, `did you mean --set ${meant(key, parts)}=${text}?`);
  }
  const block = OPEN_BLOCKS.find((name) => key.startsWith(`${name}.`));
  return block ? [...block.split("."), key.slice(block.length + 1)] : parts;
}

function meant(key: string, [top = "", ...rest]: string[]): string {
  const resource = resourceName(key);
  if (resource) return `resources.${resource}`;
  const near = rest.length > 0 ? nearest(top, EXPERIMENT_KEYS) : undefined;
  return near ? [near, ...rest].join(".") : `params.${key}`;
}

function cannotSet(given: string, problem: string, hint: string): UsageError {
  return new UsageError(`Cannot set ${JSON.stringify(given)}: ${problem}`, { hint });
}

function setAt(map: MapNode, [head = "", ...rest]: string[], entry: Entry): MapNode {
  if (rest.length === 0) return withEntry(map, head, entry);
  const value = setAt(mapAt(map, head) ?? mapNode(SET), rest, entry);
  return withEntry(map, head, { key: SET, value });
}
