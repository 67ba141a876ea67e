import { didYouMean } from "../core/suggest.ts";
import {
  type BaseName,
  type Entry,
  errorAt,
  type MapNode,
  mapNode,
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

/**
 * A file and everything it inherits, as layers from weak to strong: its `extends` in order (a later
 * one wins over an earlier one), each with its own bases below it; `<<: *name` (there, as YAML has
 * it, an earlier one wins); its own keys. A `<<: *name` further inside brings in the content of that
 * file at that place.
 *
 * @param label names the file in the chain of a message.
 * @throws {ConfigError} on a cycle or a missing template, with the chain.
 */
export function layersOf(label: string, file: MapNode, templates: TemplateSource): MapNode[] {
  return new Inheritance(templates).layers(file, [label]).map(normalForm);
}

class Inheritance {
  constructor(readonly templates: TemplateSource) {}

  /** Layers as they are written, each at the place where it belongs. */
  layers(file: MapNode, chain: string[]): MapNode[] {
    const own = withEntries(
      { ...file, bases: [] },
      Array.from(file.entries).filter(([key]) => key !== "extends"),
    );
    return [
      ...[...extended(file), ...file.bases.toReversed()].flatMap((base) => this.#base(base, chain)),
      ...this.#inside(own, [], chain),
      this.#plain(own, chain),
    ];
  }

  #base({ name, at }: BaseName, chain: string[]): MapNode[] {
    const longer = [...chain, name];
    const cannot = `Cannot extend ${JSON.stringify(name)}`;
    const arrows = longer.join(" → ");
    if (chain.includes(name)) {
      const hint = "take one of these names out of its file";
      throw errorAt(at, `${cannot}: the templates form a cycle, ${arrows}`, hint);
    }
    const found = this.templates.find(name);
    if (found) return this.layers(found, longer);
    const hint = didYouMean(name, this.templates.names());
    throw errorAt(at, `${cannot}: there is no such template, ${arrows}`, hint);
  }

  /** Layers of the files that mappings inside a mapping name. */
  #inside(map: MapNode, path: string[], chain: string[]): MapNode[] {
    const named = map.bases.toReversed().flatMap((base) =>
      this.#base(base, chain).map((layer) => wrapped(layer, path, base))
    );
    const deeper = Array.from(map.entries).flatMap(([key, { value }]) =>
      value.kind === "map" ? this.#inside(value, [...path, key], chain) : []
    );
    return [...named, ...deeper];
  }

  /** The same mapping without names of files; inside a list, what they name is put in. */
  #plain(map: MapNode, chain: string[]): MapNode {
    const entries = Array.from(map.entries, ([key, entry]): [string, Entry] => {
      const { value } = entry;
      if (value.kind === "map") return [key, { ...entry, value: this.#plain(value, chain) }];
      return [key, { ...entry, value: this.#listed(value, chain) }];
    });
    return withEntries({ ...map, bases: [] }, entries);
  }

  #listed(node: Node, chain: string[]): Node {
    if (node.kind === "scalar") return node;
    if (node.kind === "list") {
      return { ...node, items: node.items.map((item) => this.#listed(item, chain)) };
    }
    const layers = [...this.#inside(node, [], chain), this.#plain(node, chain)];
    return layers.reduce((weak, strong) => overlayMaps(weak, strong, "item"));
  }
}

function wrapped(layer: MapNode, path: string[], { at }: BaseName): MapNode {
  return path.reduceRight((inner, key) => mapNode(at, [[key, { key: at, value: inner }]]), layer);
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
      "write extends: baseline, or extends: [baseline, single-gpu]",
    );
  });
}
