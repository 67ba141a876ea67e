import { LAUNCHERS, type LauncherSpec } from "../core/experiment.ts";
import { type Entry, errorAt, mapNode, type Node } from "./located.ts";
import type { ExperimentFile } from "./schema.ts";
import { defined } from "./values.ts";

/** `torchrun` → `{kind: torchrun}`; a word that is no launcher stays one, to be refused. */
export function normalLauncher(node: Node): Node {
  const known = node.kind === "scalar" && ["none", ...LAUNCHERS].includes(node.text);
  return known ? mapNode(node.at, [["kind", { key: node.at, value: node }]]) : node;
}

/**
 * The launcher of a stage; absent for `none`.
 *
 * @param at where messages look for the place.
 * @throws {ConfigError} when neither the stage nor the experiment says which one.
 */
export function launcherOf(
  block: ExperimentFile["launcher"] = "none",
  at: Entry | undefined,
): LauncherSpec | undefined {
  const { kind, options = [], ...given } = typeof block === "string" ? { kind: block } : block;
  if (kind === "none") return undefined;
  if (kind) return defined({ kind, ...given, options: [options].flat() });
  const hint = `add kind: ${LAUNCHERS.join(", ")} or none`;
  throw errorAt(at!.key, "Cannot use launcher: its kind is not said", hint);
}
