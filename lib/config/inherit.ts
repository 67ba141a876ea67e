import { didYouMean } from "../core/suggest.ts";
import {
  type BaseName,
  type Entry,
  errorAt,
  type MapNode,
  type Node,
  withEntries,
} from "./located.ts";
import { normalForm } from "./normal_form.ts";
import { overlayMaps } from "./overlay.ts";

/** Where templates come from. */
export interface TemplateSource {
  /** The template's file as it is, or `undefined` when there is none. */
  find(name: string): MapNode | undefined;
  /** Names there are, for suggestions. */
  names(): string[];
}

/** What resolving one file carries along. */
interface Step {
  /** Files on the way here, the first one for people only. */
  chain: string[];
  /** Dotted place that the file's content goes to; empty for the whole file. */
  path: string;
}

/**
 * A file with everything it inherits. From weak to strong: its `extends` in order (a later one wins
 * over an earlier one), each with its own bases below it; `<<: *name` (there, as YAML has it, an
 * earlier one wins); its own keys. A `<<: *name` further inside brings in the content of that file
 * as it stands.
 *
 * @param label names the file in the chain of a message.
 * @throws {ConfigError} on a cycle or a missing template, with the chain.
 */
export function inherit(label: string, file: MapNode, templates: TemplateSource): MapNode {
  return new Inheritance(templates).resolve(file, { chain: [label], path: "" });
}

class Inheritance {
  constructor(readonly templates: TemplateSource) {}

  resolve(file: MapNode, step: Step): MapNode {
    const bases = [...extended(file), ...file.bases.toReversed()];
    const own = this.#filled(withEntries(file, withoutExtends(file)), step);
    const top = step.path === "" ? normalForm(own) : own;
    return this.#layered(bases, top, step);
  }

  #layered(bases: BaseName[], own: MapNode, step: Step): MapNode {
    const layers = bases.map((base) => this.#base(base, step));
    return [...layers, { ...own, bases: [] }].reduce((weak, strong) =>
      overlayMaps(weak, strong, step.path)
    );
  }

  #base({ name, at }: BaseName, { chain, path }: Step): MapNode {
    const longer = [...chain, name];
    const cannot = `Cannot extend ${JSON.stringify(name)}`;
    const arrows = longer.join(" → ");
    if (chain.includes(name)) {
      const hint = "take one of these names out of its file";
      throw errorAt(at, `${cannot}: the templates form a cycle, ${arrows}`, hint);
    }
    const found = this.templates.find(name);
    if (found) return this.resolve(found, { chain: longer, path });
    const hint = didYouMean(name, this.templates.names());
    throw errorAt(at, `${cannot}: there is no such template, ${arrows}`, hint);
  }

  /** The same mapping, with the files that mappings inside it name. */
  #filled(map: MapNode, step: Step): MapNode {
    return withEntries(
      map,
      Array.from(map.entries, ([key, entry]): [string, Entry] => {
        const path = step.path === "" ? key : `${step.path}.${key}`;
        return [key, { ...entry, value: this.#inside(entry.value, { ...step, path }) }];
      }),
    );
  }

  #inside(node: Node, step: Step): Node {
    if (node.kind === "scalar") return node;
    if (node.kind === "map") {
      return this.#layered(node.bases.toReversed(), this.#filled(node, step), step);
    }
    return { ...node, items: node.items.map((item) => this.#inside(item, step)) };
  }
}

function withoutExtends(file: MapNode): [string, Entry][] {
  return Array.from(file.entries).filter(([key]) => key !== "extends");
}

function extended(file: MapNode): BaseName[] {
  const value = file.entries.get("extends")?.value;
  if (!value) return [];
  const items = value.kind === "list" ? value.items : [value];
  return items.flatMap((item): BaseName[] => {
    if (item.kind === "scalar" && item.value === null) return [];
    if (item.kind === "scalar" && typeof item.value === "string") {
      return [{ name: item.value, at: item.at }];
    }
    throw errorAt(
      item.at,
      "Cannot use extends: expected the name of a template, or a list of names",
    );
  });
}
