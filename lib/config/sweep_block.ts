import type { Sweep } from "../core/experiment.ts";
import type { Params } from "../core/params.ts";
import { entryAt, errorAt, type MapNode } from "./located.ts";
import { type ExperimentFile, isParamKey } from "./schema.ts";
import { sweepProblem } from "./sweep_check.ts";

/** What `sweep:` says, in full; `undefined` when it spans one run. */
export function sweepOf(
  block: ExperimentFile["sweep"],
  params: Params,
  tree: MapNode,
): Sweep | undefined {
  if (!block) return undefined;
  const seeds = block.seeds ?? [];
  const sweep: Sweep = {
    grid: (block.grid ?? {}) as Sweep["grid"],
    list: (block.list ?? []) as Params[],
    seeds: typeof seeds === "number" ? Array.from({ length: seeds }, (_, seed) => seed) : seeds,
    seed_key: block.seed_key ?? "seed",
  };
  for (const key of Object.keys(sweep.grid)) checkGridKey(key, params, tree);
  const problem = sweepProblem(sweep, params);
  if (problem) {
    const entry = entryAt(tree, ["sweep", ...problem.path]);
    throw errorAt(entry?.value.at ?? tree.at, problem.message, problem.hint);
  }
  const factors = [sweep.list, sweep.seeds, ...Object.values(sweep.grid)];
  return factors.some(({ length }) => length > 0) ? sweep : undefined;
}

function checkGridKey(key: string, params: Params, tree: MapNode): void {
  const at = entryAt(tree, ["sweep", "grid", key])?.key ?? tree.at;
  const cannot = `Cannot sweep over ${JSON.stringify(key)}`;
  if (key.startsWith("params.") && !Object.hasOwn(params, "params")) {
    throw errorAt(at, `${cannot}: keys of a sweep are parameters`, `write ${key.slice(7)}`);
  }
  if (!isParamKey(key)) {
    throw errorAt(at, `${cannot}: expected the name of a parameter`, "write lr: or optim.lr:");
  }
}
