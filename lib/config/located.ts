import { ConfigError } from "../core/errors.ts";

/** Where a value was written. */
export interface Origin {
  /** A file as people know it, `--set`, or `default`. */
  source: string;
  /** From 1; absent where there is no file. */
  line?: number;
  /** From 1. */
  col?: number;
}

/** A plain value. */
export interface ScalarNode {
  kind: "scalar";
  at: Origin;
  value: string | number | boolean | null;
  /** As it was written, so that `0123` or `90` can be taken as text; empty where nothing was. */
  text: string;
}

/** A list. */
export interface ListNode {
  kind: "list";
  at: Origin;
  items: Node[];
}

/** A key with its value; `key` is where the key was written. */
export interface Entry {
  key: Origin;
  value: Node;
}

/** Another file named by `<<: *name` or `extends`. */
export interface BaseName {
  name: string;
  at: Origin;
}

/** A mapping. `bases`, the earlier the stronger, are files that `<<` names and nobody has read. */
export interface MapNode {
  kind: "map";
  at: Origin;
  entries: Map<string, Entry>;
  bases: BaseName[];
}

/** A value of a configuration, every part of which knows where it was written. Never changed. */
export type Node = ScalarNode | ListNode | MapNode;

/** `exp001.yaml:3:5`, or what else the source is. */
export function formatOrigin(at: Origin): string {
  return at.line === undefined ? at.source : `${at.source}:${at.line}:${at.col}`;
}

/** An error at a place: `exp001.yaml:3:5: <message>`; one line, whatever a file's keys hold. */
export function errorAt(at: Origin, message: string, hint: string): ConfigError {
  const [line, advice] = [`${formatOrigin(at)}: ${message}`, hint]
    .map((text) => text.replaceAll(/\p{Cc}/gu, "\ufffd"));
  return new ConfigError(line!, { hint: advice });
}

/** A mapping of entries. */
export function mapNode(at: Origin, entries: Iterable<[string, Entry]> = []): MapNode {
  return { kind: "map", at, entries: new Map(entries), bases: [] };
}

/** The same mapping with other entries. */
export function withEntries(map: MapNode, entries: Iterable<[string, Entry]>): MapNode {
  return { ...map, entries: new Map(entries) };
}

/** The same mapping with one entry set, in its place or at the end. */
export function withEntry(map: MapNode, key: string, entry: Entry): MapNode {
  return withEntries(map, new Map(map.entries).set(key, entry));
}

/** The plain value: what `JSON.parse` could have given. */
export function toValue(node: Node): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(toValue);
  return Object.fromEntries(Array.from(node.entries, ([key, { value }]) => [key, toValue(value)]));
}

/**
 * A plain value as a node, all of it from one source.
 *
 * @throws {ConfigError} on what JSON cannot hold.
 */
export function fromValue(value: unknown, at: Origin): Node {
  if (Array.isArray(value)) {
    return { kind: "list", at, items: value.map((item) => fromValue(item, at)) };
  }
  if (typeof value === "object" && value !== null) return mapFromValue(value, at);
  if (typeof value === "number" ? Number.isFinite(value) : isPlain(value)) {
    return { kind: "scalar", at, value: value as ScalarNode["value"], text: String(value) };
  }
  throw errorAt(
    at,
    `Cannot keep ${String(value)} (${typeof value}): expected a value that JSON can hold`,
    "use texts, finite numbers, true, false, null, lists and plain objects",
  );
}

/** A plain object as a node; keys whose value is `undefined` are left out. */
export function mapFromValue(value: object, at: Origin): MapNode {
  const given = Object.entries(value).filter(([, item]) => item !== undefined);
  return mapNode(at, given.map(([key, item]) => [key, { key: at, value: fromValue(item, at) }]));
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "boolean";
}

/** The entry at a path of keys and indexes, if there is one. */
export function entryAt(node: Node, path: readonly PropertyKey[]): Entry | undefined {
  let found: Entry | undefined = { key: node.at, value: node };
  for (const step of path) {
    if (!found) return undefined;
    found = childAt(found.value, step);
  }
  return found;
}

function childAt(node: Node, step: PropertyKey): Entry | undefined {
  if (node.kind === "map") return node.entries.get(String(step));
  const item = node.kind === "list" ? node.items[Number(step)] : undefined;
  return item && { key: item.at, value: item };
}

/** The mapping at a key, when it is one. */
export function mapAt(map: MapNode, key: string): MapNode | undefined {
  const value = map.entries.get(key)?.value;
  return value?.kind === "map" ? value : undefined;
}

/** A value that ended up in a configuration, with the place it came from. */
export interface Provenance {
  /** Dotted: `params.optim.lr`. */
  path: string;
  value: unknown;
  origin: Origin;
}

/** Every plain value, list and empty mapping below `node`, in order, with its origin. */
export function provenance(node: Node, path = ""): Provenance[] {
  if (node.kind !== "map" || node.entries.size === 0) {
    return [{ path, value: toValue(node), origin: node.at }];
  }
  return Array.from(node.entries).flatMap(([key, { value }]) =>
    provenance(value, path === "" ? key : `${path}.${key}`)
  );
}

/** A short description of a value for messages: `"four"`, `4`, `a list`; `nothing` without one. */
export function describe(node: Node | undefined): string {
  if (!node) return "nothing";
  if (node.kind === "list") return "a list";
  if (node.kind === "map") return "a mapping";
  if (typeof node.value !== "string") return node.text === "" ? "nothing" : node.text;
  const text = JSON.stringify(node.value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…"`;
}
