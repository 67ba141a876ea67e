import { type Event, EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarEvent } from "js-yaml";
import type { ConfigError } from "../core/errors.ts";
import {
  type BaseName,
  type Entry,
  errorAt,
  type MapNode,
  type Node,
  type Origin,
} from "./located.ts";
import { numberProblem, resolvePlain, resolveTagged } from "./scalars.ts";

const ABSENT = -1;

/** The error for an alias that is neither in the file nor allowed to name another one. */
export function unknownAnchor({ name, at }: BaseName): ConfigError {
  const hint = `define it before with &${name}; only \`<<: *${name}\` may name a template file`;
  return errorAt(at, `Cannot use *${name}: no anchor &${name} before it in this file`, hint);
}

/** Turns the events of one document into nodes. */
export class Reader {
  #next = 0;
  readonly #anchors = new Map<string, Node>();
  readonly #lineStarts: number[] = [0];

  constructor(
    readonly text: string,
    readonly file: string,
    readonly events: Event[],
  ) {
    for (const end of text.matchAll(/\r\n|\r|\n/g)) {
      this.#lineStarts.push(end.index + end[0].length);
    }
  }

  /** Reads the next value; one that has no place of its own is where `fallback` is. */
  read(fallback: Origin): Node {
    const event = this.events[this.#next++]!;
    if (event.type === EVENT_ID.ALIAS) return this.#alias(event.anchorStart, event.anchorEnd);
    if (event.type === EVENT_ID.SCALAR) {
      return this.#anchored(event.anchorStart, event.anchorEnd, this.#scalar(event, fallback));
    }
    if (event.type !== EVENT_ID.MAPPING && event.type !== EVENT_ID.SEQUENCE) {
      throw errorAt(fallback, "Cannot read the YAML: expected a value", "write one");
    }
    const at = this.#origin(event.start);
    const node = event.type === EVENT_ID.MAPPING ? this.#map(at) : this.#list(at);
    return this.#anchored(event.anchorStart, event.anchorEnd, node);
  }

  #origin(offset: number): Origin {
    let [low, high] = [0, this.#lineStarts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { source: this.file, line: low + 1, col: offset - this.#lineStarts[low]! + 1 };
  }

  #anchored(start: number, end: number, node: Node): Node {
    if (start !== ABSENT) this.#anchors.set(this.text.slice(start, end), node);
    return node;
  }

  #alias(start: number, end: number): Node {
    const name = this.text.slice(start, end);
    const found = this.#anchors.get(name);
    if (!found) throw unknownAnchor({ name, at: this.#origin(start - 1) });
    return found;
  }

  #scalar(event: ScalarEvent, fallback: Origin): Node {
    const text = getScalarValue(this.text, event);
    const at = this.#scalarOrigin(event, fallback);
    const value = this.#scalarValue(event, text, at);
    const problem = numberProblem(value, text);
    if (problem) throw errorAt(at, `Cannot keep ${text}: ${problem}`, "quote it to keep the text");
    return { kind: "scalar", at, value, text };
  }

  #scalarValue(event: ScalarEvent, text: string, at: Origin) {
    if (event.tagStart === ABSENT) {
      return event.style === SCALAR_STYLE.PLAIN ? resolvePlain(text) : text;
    }
    const tag = this.text.slice(event.tagStart, event.tagEnd);
    const value = resolveTagged(text, tag);
    if (value !== undefined) return value;
    throw errorAt(at, `Cannot read ${JSON.stringify(text)} with the tag ${tag}`, "leave it out");
  }

  #scalarOrigin(event: ScalarEvent, fallback: Origin): Origin {
    const { style, valueStart } = event;
    const block = style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;
    if (valueStart === ABSENT || block) return fallback;
    return this.#origin(style === SCALAR_STYLE.PLAIN ? valueStart : valueStart - 1);
  }

  #list(at: Origin): Node {
    const items: Node[] = [];
    while (!this.#atEnd()) items.push(this.read(at));
    return { kind: "list", at, items };
  }

  #map(at: Origin): MapNode {
    const own = new Map<string, Entry>();
    const merged: (MapNode | BaseName)[] = [];
    while (!this.#atEnd()) {
      const { name, at: key, merge } = this.#key();
      if (merge) {
        merged.push(...this.#mergeSources(key));
        continue;
      }
      const twice = own.get(name);
      if (twice) {
        const cannot = `Cannot use the key ${JSON.stringify(name)} twice`;
        throw errorAt(
          key,
          `${cannot}: it is in line ${twice.key.line} already`,
          "remove one of them",
        );
      }
      own.set(name, { key, value: this.read(key) });
    }
    return combine(at, own, merged);
  }

  /** Whether the collection ends here; its end is then behind us. */
  #atEnd(): boolean {
    if (this.events[this.#next]?.type !== EVENT_ID.POP) return false;
    this.#next++;
    return true;
  }

  #key(): { name: string; at: Origin; merge: boolean } {
    const event = this.events[this.#next];
    const plain = event?.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.PLAIN;
    const node = this.read({ source: this.file });
    if (node.kind !== "scalar") {
      throw errorAt(
        node.at,
        `Cannot use a ${node.kind} as a key: expected text`,
        "write key: value",
      );
    }
    if (node.text === "__proto__") {
      throw errorAt(node.at, "Cannot use the key __proto__: expected another name", "rename it");
    }
    return { name: node.text, at: node.at, merge: plain && node.text === "<<" };
  }

  #mergeSources(key: Origin): (MapNode | BaseName)[] {
    const event = this.events[this.#next]!;
    if (event.type === EVENT_ID.ALIAS) {
      const name = this.text.slice(event.anchorStart, event.anchorEnd);
      if (!this.#anchors.has(name)) {
        this.#next++;
        return [{ name, at: this.#origin(event.anchorStart - 1) }];
      }
    }
    if (event.type === EVENT_ID.SEQUENCE) {
      this.#next++;
      const sources: (MapNode | BaseName)[] = [];
      while (!this.#atEnd()) sources.push(...this.#mergeSources(key));
      return sources;
    }
    return mappings(this.read(key));
  }
}

function mappings(node: Node): MapNode[] {
  if (node.kind === "map") return [node];
  if (node.kind === "list") return node.items.flatMap(mappings);
  const hint = "write `<<: *name`, or a list of such names";
  throw errorAt(node.at, `Cannot merge ${JSON.stringify(node.text)}: expected a mapping`, hint);
}

/** What a mapping holds with its merges: its own keys first, then the earlier source. */
function combine(at: Origin, own: Map<string, Entry>, merged: (MapNode | BaseName)[]): MapNode {
  const entries = new Map<string, Entry>();
  const bases: BaseName[] = [];
  for (const source of merged) {
    if ("name" in source) bases.push(source);
    else bases.push(...source.bases);
  }
  for (const source of merged.toReversed()) {
    if ("kind" in source) source.entries.forEach((entry, key) => entries.set(key, entry));
  }
  own.forEach((entry, key) => entries.set(key, entry));
  return { kind: "map", at, entries, bases };
}
