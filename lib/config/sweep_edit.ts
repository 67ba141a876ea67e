import canonicalize from "canonicalize";
import type { Document, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { UsageError } from "../core/errors.ts";
import { paramAt, type Params, type ParamValue } from "../core/params.ts";
import type { Sweep } from "../core/sweep.ts";
import { seedList } from "./sweep_factors.ts";
import { planSweep, sweptKeys } from "./sweep_plan.ts";
import { valuesOf } from "./sweep_ranges.ts";

/** What one parameter of a sweep gets. */
export interface Extension {
  /** Dotted key, or `seeds`. */
  key: string;
  /** All its values from now on, those it had first. */
  values: ParamValue[];
  /** Those of them that are new. */
  added: ParamValue[];
}

/**
 * What is to be added to a sweep, so that every run that it has stays the same run.
 *
 * @throws {UsageError} where that cannot be.
 */
export function extensionsOf(
  sweep: Sweep | undefined,
  params: Params,
  { grid = {}, seeds, ...others }: Sweep,
): Extension[] {
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new UsageError(`Cannot extend a sweep by ${other}: expected values of parameters`, {
      hint: 'write --sweep "lr=0.001 seed=5,6", or edit the file',
    });
  }
  const given = Object.entries(grid).map(([key, values]) => ({ key, values: valuesOf(values) }));
  const asked = seeds === undefined
    ? given
    : [...given, { key: "seeds", values: seedList({ seeds }) }];
  return asked.map(({ key, values }) => {
    const before = valuesBefore(sweep ?? {}, params, key);
    const known = new Set(before.map((value) => canonicalize(value)));
    const added = values.filter((value) => !known.has(canonicalize(value)));
    return { key, values: [...before, ...added], added };
  }).filter(({ added }) => added.length > 0);
}

function valuesBefore(sweep: Sweep, params: Params, key: string): ParamValue[] {
  if (key === "seeds" && sweep.seeds !== undefined) return seedList(sweep);
  const name = key === "seeds" ? sweep.seed_key ?? "seed" : key;
  const values = sweep.grid?.[name];
  if (values !== undefined) return valuesOf(values);
  if (sweptKeys(planSweep(sweep, params)).includes(name)) {
    throw new UsageError(`Cannot extend over ${name}: the sweep does not have it in its grid`, {
      hint: "edit the file, or add points as a part of concat",
    });
  }
  const value = paramAt(params, name);
  if (value !== undefined) return [value];
  throw new UsageError(
    `Cannot extend over ${name}: no run has it, so that every run would become another`,
    { hint: `to begin anew, add ${name} to sweep.grid in the file` },
  );
}

/**
 * The text of an experiment's file with more draws in its sweep; those there are stay.
 *
 * @throws {UsageError} when it has none, or draws that depend on their number.
 */
export async function moreDrawsText(
  text: string,
  sweep: Sweep | undefined,
  draws: number,
): Promise<string> {
  const kind = (["random", "sobol"] as const).find((part) => sweep?.[part] !== undefined);
  if (!kind) {
    throw new UsageError("Cannot add draws: the sweep has no random and no sobol at its top", {
      hint: sweep?.lhs ? "draws of lhs depend on their number" : 'give --sweep "lr=0.001"',
    });
  }
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text);
  document.setIn(["sweep", kind, "n"], sweep![kind]!.n + draws);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/**
 * The text of an experiment's file with a sweep extended. Comments stay; where
 * values are only added to a list, so does everything else, byte for byte.
 */
export async function extendedText(
  text: string,
  extensions: readonly Extension[],
): Promise<string> {
  let edited = text;
  for (const extension of extensions) edited = await withExtension(edited, extension);
  return edited;
}

async function withExtension(text: string, extension: Extension): Promise<string> {
  const { isMap, isScalar, isSeq, parseDocument } = await import("yaml");
  const document = parseDocument(text);
  const { key, values, added } = extension;
  const { path, node } = key === "seeds"
    ? { path: ["sweep", "seeds"], node: document.getIn(["sweep", "seeds"], true) }
    : inGrid(document, key, isMap);
  if (isSeq(node)) {
    const spliced = splicedList(text, node, added, isScalar);
    if (spliced !== undefined) return spliced;
    for (const value of added) node.add(document.createNode(value));
  } else {
    const whole = key === "seeds" && values.every((seed, index) => seed === index);
    const list = document.createNode(whole ? values.length : values, { flow: true });
    if (isScalar(node)) {
      list.comment = node.comment;
      list.commentBefore = node.commentBefore;
    }
    document.setIn(path, list);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

type IsMap = (node: unknown) => node is YAMLMap;

/** Where the grid has a parameter, or would have it: as a dotted key, or inside a group. */
function inGrid(document: Document, key: string, isMap: IsMap): { path: string[]; node: unknown } {
  const path = ["sweep", "grid"];
  let rest = key;
  for (;;) {
    const block = document.getIn(path, true);
    if (isMap(block) && !block.has(rest)) {
      const parts = rest.split(".");
      const heads = parts.slice(1).map((_, end) => parts.slice(0, end + 1).join("."));
      const head = heads.find((name) => isMap(block.get(name, true)));
      if (head !== undefined) {
        path.push(head);
        rest = rest.slice(head.length + 1);
        continue;
      }
    }
    return { path: [...path, rest], node: document.getIn([...path, rest], true) };
  }
}

/** A list of plain values with more at its end, byte for byte; nothing for other lists. */
function splicedList(
  text: string,
  { flow, items }: YAMLSeq,
  added: readonly ParamValue[],
  isScalar: (node: unknown) => node is Scalar,
): string | undefined {
  const last = items.at(-1);
  if (!isScalar(last) || !last.range) return undefined;
  const [start, end] = last.range;
  const values = added.map((value) => JSON.stringify(value));
  if (flow) {
    return text.slice(0, end) + values.map((value) => `, ${value}`).join("") + text.slice(end);
  }
  const line = text.slice(text.lastIndexOf("\n", start) + 1, start);
  if (!/^ *- +$/.test(line)) return undefined;
  const next = text.indexOf("\n", end);
  const at = next < 0 ? text.length : next;
  return text.slice(0, at) + values.map((value) => `\n${line}${value}`).join("") + text.slice(at);
}
