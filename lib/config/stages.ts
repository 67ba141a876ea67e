import type { StageDependency } from "../core/experiment.ts";
import { isStageName } from "../core/ids.ts";
import { didYouMean } from "../core/suggest.ts";
import { isNull } from "./edits.ts";
import {
  type Entry,
  entryAt,
  errorAt,
  mapAt,
  type MapNode,
  mapNode,
  withEntries,
  withEntry,
} from "./located.ts";
import { overlay } from "./overlay.ts";

/** Name of the stage that a single `command` becomes. */
export const ONLY_STAGE = "train";

/** The experiment with stages only, each with the resources, environment and args it will have. */
export function withStages(experiment: MapNode): MapNode {
  const command = experiment.entries.get("command");
  const only = command &&
    mapNode(command.key, [[ONLY_STAGE, {
      key: command.key,
      value: mapNode(command.key, [["command", command]]),
    }]]);
  const stages = only ?? mapAt(experiment, "stages");
  if (!stages) return experiment;
  const filled = Array.from(stages.entries, ([name, entry]): [string, Entry] => {
    const { value } = entry;
    return value.kind === "map"
      ? [name, { ...entry, value: inherited(experiment, value) }]
      : [name, entry];
  });
  const rest = withEntries(
    experiment,
    Array.from(experiment.entries).filter(([key]) => key !== "command"),
  );
  const key = experiment.entries.get("stages")?.key ?? stages.at;
  return withEntry(rest, "stages", { key, value: withEntries(stages, filled) });
}

const INHERITED = ["resources", "environment", "args", "resume", "max_restarts"];
/** Of the program that trains: stages that come after another one do not get these. */
const INHERITED_BY_FIRST = ["checkpoint", "chain"];

function inherited(experiment: MapNode, stage: MapNode): MapNode {
  const first = !stage.entries.has("after");
  return [...INHERITED, ...first ? INHERITED_BY_FIRST : []].reduce((filled, block) => {
    const general = experiment.entries.get(block);
    const own = stage.entries.get(block);
    if (!general || (own && isNull(own.value))) return filled;
    const value = own ? overlay(general.value, own.value, block) : general.value;
    return withEntry(filled, block, { key: own?.key ?? general.key, value });
  }, stage);
}

/** How a stage says what it comes after. */
export type After = string | string[] | Record<string, StageDependency["type"]> | undefined;

/** `after` as a list; a plain name means `afterok`. */
export function dependenciesOf(after: After): StageDependency[] {
  if (after === undefined) return [];
  if (typeof after === "string") return [{ stage: after, type: "afterok" }];
  if (Array.isArray(after)) return after.map((stage) => ({ stage, type: "afterok" }));
  return Object.entries(after).map(([stage, type]) => ({ stage, type }));
}

/**
 * The names of the stages, each after those it depends on, else as they were written.
 *
 * @param tree where messages look for the place.
 * @throws {ConfigError} on a bad name, an unknown stage or a cycle.
 */
export function orderStages(after: Map<string, StageDependency[]>, tree: MapNode): string[] {
  const names = [...after.keys()];
  for (const name of names) checkStage(name, after.get(name)!, names, tree);
  const ordered: string[] = [];
  while (ordered.length < names.length) {
    const ready = names.find((name) =>
      !ordered.includes(name) && after.get(name)!.every(({ stage }) => ordered.includes(stage))
    );
    if (ready === undefined) {
      throw cycleOf(names.filter((name) => !ordered.includes(name)), after, tree);
    }
    ordered.push(ready);
  }
  return ordered;
}

function checkStage(name: string, after: StageDependency[], names: string[], tree: MapNode): void {
  if (!isStageName(name)) {
    throw errorAt(
      entryAt(tree, ["stages", name])?.key ?? tree.at,
      `Cannot name a stage ${JSON.stringify(name)}: expected another name`,
      "a letter, then letters, digits, _ and -; 32 characters at most",
    );
  }
  const unknown = after.find(({ stage }) => !names.includes(stage));
  if (!unknown) return;
  const cannot = `Cannot run ${name} after ${JSON.stringify(unknown.stage)}: no such stage`;
  throw errorAt(afterOrigin(name, tree), cannot, didYouMean(unknown.stage, names));
}

function cycleOf(left: string[], after: Map<string, StageDependency[]>, tree: MapNode) {
  const chain = [left[0]!];
  while (true) {
    const next = after.get(chain.at(-1)!)!.find(({ stage }) => left.includes(stage))!.stage;
    const start = chain.indexOf(next);
    chain.push(next);
    if (start < 0) continue;
    const cycle = chain.slice(start).join(" → ");
    return errorAt(
      afterOrigin(next, tree),
      `Cannot order the stages: each waits for the next, ${cycle}`,
      "take one `after` away",
    );
  }
}

function afterOrigin(stage: string, tree: MapNode) {
  return entryAt(tree, ["stages", stage, "after"])?.value.at ?? tree.at;
}
