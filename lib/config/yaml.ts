import { type Event, EVENT_ID, parseEvents, YAMLException } from "js-yaml";
import {
  describe,
  errorAt,
  type MapNode,
  mapNode,
  type Node,
  type Origin,
  toValue,
} from "./located.ts";
import { Reader, unknownAnchor } from "./yaml_reader.ts";

/**
 * Reads one YAML 1.2 document into nodes that know their place. Anchors and `<<` work as YAML says;
 * `<<: *name` with no such anchor in the file leaves `name` in the mapping's `bases`. An empty text
 * is an empty value.
 *
 * @param file how messages name the file.
 * @throws {ConfigError} with `file:line:col` and the line.
 */
export function parseYaml(text: string, file: string): Node {
  const events = readEvents(text, file);
  const start: Origin = { source: file, line: 1, col: 1 };
  if (events.length === 0) return { kind: "scalar", at: start, value: null, text: "" };
  if (events.filter(({ type }) => type === EVENT_ID.DOCUMENT).length > 1) {
    throw errorAt(
      start,
      "Cannot read the YAML: found several documents, expected one",
      "take the line --- out, or make several files",
    );
  }
  return new Reader(text, file, events.slice(1)).read(start);
}

/** Reads one YAML document into plain values; as {@linkcode parseYaml}, but knows no other file. */
export function readYaml(text: string, file: string): unknown {
  const node = parseYaml(text, file);
  refuseBases(node);
  return toValue(node);
}

/** Reads a file that has to hold a mapping; an empty one is an empty mapping. */
export function parseYamlMap(text: string, file: string): MapNode {
  const node = parseYaml(text, file);
  if (node.kind === "map") return node;
  if (node.kind === "scalar" && node.text === "") return mapNode(node.at);
  throw errorAt(
    node.at,
    `Cannot read the YAML: found ${describe(node)}, expected \`key: value\` lines`,
    "write lines such as command: python train.py",
  );
}

/** Refuses every `<<: *name` whose anchor is not in the file. */
export function refuseBases(node: Node): void {
  if (node.kind === "list") return node.items.forEach(refuseBases);
  if (node.kind !== "map") return;
  const base = node.bases[0];
  if (base) throw unknownAnchor(base);
  for (const { value } of node.entries.values()) refuseBases(value);
}

function readEvents(text: string, file: string): Event[] {
  try {
    return parseEvents(text, { filename: file });
  } catch (error) {
    if (!(error instanceof YAMLException) || !error.mark) throw error;
    const { line, column } = error.mark;
    const lines = text.split(/\r\n|\r|\n/).slice(0, line + 1);
    const quoted = lines.findLast((candidate) => candidate.trim() !== "") ?? "";
    throw errorAt(
      { source: file, line: line + 1, col: column + 1 },
      `Cannot read the YAML: ${error.reason}, in ${JSON.stringify(quoted.trimEnd())}`,
      /tab/.test(error.reason)
        ? "indent with spaces"
        : "check indentation, quotes and brackets on this line and the one before",
    );
  }
}
