import type { Params } from "../core/params.ts";
import type { RetryPolicy } from "../core/retry.ts";
import type { SearchSpec } from "../core/search.ts";
import { entryAt, errorAt, type MapNode } from "./located.ts";
import { retryOf } from "./retry_block.ts";
import type { ExperimentFile } from "./schema.ts";
import { SweepError } from "./sweep_check.ts";
import { planSweep } from "./sweep_plan.ts";
import { defined } from "./values.ts";

const REDUCTION = 3;

/**
 * What `search:` says, in full; `undefined` where there is none.
 *
 * @throws {ConfigError} where it contradicts itself, or stands beside a sweep.
 */
export function searchOf(file: ExperimentFile, tree: MapNode): SearchSpec | undefined {
  if (!file.search) return undefined;
  const { use = "last", sampler = "random", at_once = 1, asha, ...given } = file.search;
  const spec = defined<SearchSpec>({
    ...given as Pick<SearchSpec, "metric" | "trials" | "space">,
    use,
    sampler,
    at_once,
    asha: asha && { reduction: REDUCTION, ...asha },
  });
  const refuse = (path: string[], problem: string, hint: string) => {
    const entry = entryAt(tree, path) ?? entryAt(tree, ["search"]);
    return errorAt(entry?.key ?? tree.at, problem, hint);
  };
  if (file.sweep) {
    throw refuse(["sweep"], "Cannot have a sweep beside a search", "take one of them out");
  }
  if (Object.keys(spec.space).length === 0) {
    throw refuse(["search", "space"], "Cannot search: the space has no parameter", "write lr: …");
  }
  checkSpace(spec, (file.params ?? {}) as Params, refuse);
  checkAsha(spec, refuse);
  checkRetry(spec, retryOf(file.retry), refuse);
  return spec;
}

type Refuse = (path: string[], problem: string, hint: string) => Error;

/** As a sweep that draws from it would be checked. */
function checkSpace({ sampler, space }: SearchSpec, params: Params, refuse: Refuse): void {
  const kind = sampler === "sobol" ? "sobol" : "random";
  try {
    planSweep({ [kind]: { n: 1, params: space } }, params);
  } catch (error) {
    if (!(error instanceof SweepError)) throw error;
    const [key] = error.path.slice(2).map(String);
    const path = ["search", "space", ...key === undefined ? [] : [key]];
    throw refuse(path, error.message.replace(`${kind}.params`, "search.space"), error.hint ?? "");
  }
}

function checkAsha({ asha, sampler, space }: SearchSpec, refuse: Refuse): void {
  if (!asha) return;
  const at = (key: string) => ["search", "asha", key];
  if (asha.min > asha.max) {
    const problem = `Cannot begin with ${asha.min} of ${asha.max}: min is above max`;
    throw refuse(at("min"), problem, "the first rung is the smallest");
  }
  if (Object.hasOwn(space, asha.param)) {
    const problem = `Cannot search over ${asha.param}: asha gives it its value`;
    throw refuse(["search", "space", asha.param], problem, "take it out of the space");
  }
  if (sampler === "cmaes") {
    const problem = "Cannot use asha with cmaes: it compares trials that ran to their end";
    throw refuse(at("param"), problem, "use tpe, sobol or random, or take asha out");
  }
}

/** A value that another point has is no value of the one that was suggested. */
function checkRetry({ space, asha }: SearchSpec, retry: RetryPolicy | undefined, refuse: Refuse) {
  for (const [failure, rule] of Object.entries(retry?.on ?? {})) {
    for (const key of Object.keys(rule.params ?? {})) {
      if (!Object.hasOwn(space, key) && key !== asha?.param) continue;
      const problem = `Cannot retry with another ${key}: the search gives it its value`;
      throw refuse(["retry", failure, "params", key], problem, "change another, or mem or time");
    }
  }
}
