import type { Params } from "../core/params.ts";
import type { Sweep } from "../core/sweep.ts";
import { entryAt, errorAt, type MapNode, type Origin } from "./located.ts";
import { resourcesOf } from "./resource_block.ts";
import { type ExperimentFile, isParamKey } from "./schema.ts";
import { SweepError } from "./sweep_check.ts";
import { seedList } from "./sweep_factors.ts";
import { planSweep } from "./sweep_plan.ts";

/** Blocks whose keys are parameters. */
const KEYED = ["grid", "zip", "when"] as const;

/** What `sweep:` says, in full; `undefined` when it spans one run. */
export function sweepOf(
  block: ExperimentFile["sweep"],
  params: Params,
  tree: MapNode,
): Sweep | undefined {
  if (!block) return undefined;
  const given = block as Sweep;
  checkKeys(given, params, ["sweep"], tree);
  try {
    const [first, ...others] = planSweep(given, params);
    if (others.length === 0 && first!.factors.length === 0) return undefined;
  } catch (error) {
    if (!(error instanceof SweepError)) throw error;
    throw errorAt(placeOf(["sweep", ...error.path], tree), error.message, error.hint ?? "");
  }
  const { seeds, groups } = given;
  return {
    ...given,
    ...(seeds === undefined ? {} : { seeds: seedList(given) }),
    ...(groups === undefined ? {} : { groups: groupsOf(groups) }),
  };
}

function groupsOf(groups: NonNullable<Sweep["groups"]>): Sweep["groups"] {
  return Object.fromEntries(
    Object.entries(groups).map(([name, { resources, ...part }]) => [
      name,
      resources ? { ...part, resources: resourcesOf(resources) } : part,
    ]),
  );
}

/** Where a path leads, or the part of it that there is. */
function placeOf(path: readonly PropertyKey[], tree: MapNode): Origin {
  for (let length = path.length; length > 0; length--) {
    const entry = entryAt(tree, path.slice(0, length));
    if (entry) return entry.value.at;
  }
  return tree.at;
}

function checkKeys(sweep: Sweep, params: Params, path: PropertyKey[], tree: MapNode): void {
  const drawn = (["random", "sobol", "lhs"] as const).map((part) =>
    [[part, "params"], sweep[part]?.params] as const
  );
  for (const [part, keyed] of [...KEYED.map((part) => [[part], sweep[part]] as const), ...drawn]) {
    for (const key of Object.keys(keyed ?? {})) {
      checkKey(key, params, [...path, ...part, key], tree);
    }
  }
  sweep.concat?.forEach((part, index) => checkKeys(part, params, [...path, "concat", index], tree));
  for (const [name, part] of Object.entries(sweep.groups ?? {})) {
    checkKeys(part, params, [...path, "groups", name], tree);
  }
}

function checkKey(key: string, params: Params, path: PropertyKey[], tree: MapNode): void {
  const at = entryAt(tree, path)?.key ?? tree.at;
  const cannot = `Cannot sweep over ${JSON.stringify(key)}`;
  if (key.startsWith("params.") && !Object.hasOwn(params, "params")) {
    throw errorAt(at, `${cannot}: keys of a sweep are parameters`, `write ${key.slice(7)}`);
  }
  if (!isParamKey(key)) {
    throw errorAt(at, `${cannot}: expected the name of a parameter`, "write lr: or optim.lr:");
  }
}
