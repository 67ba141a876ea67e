import type { Params } from "../core/params.ts";
import type { SearchTerms, Started } from "./journal.ts";
import { askOptuna, type Python } from "./optuna.ts";
import { drawnAt, paramsAt } from "./space.ts";
import type { SearchState } from "./trials.ts";

/** What suggestions are made of. */
export interface Suggesting {
  terms: SearchTerms;
  state: SearchState;
  /** Parameters that are not searched. */
  params: Params;
  python: Python;
  /** Budgets of the rungs; empty without asha. */
  budgets: readonly number[];
}

/**
 * The points of new trials. They depend on the seed, the number of the trial and what was told
 * alone, so that one that got lost is made again.
 */
export async function suggest(
  { terms, state, params, python, budgets }: Suggesting,
  trials: readonly number[],
): Promise<Pick<Started, "trial" | "params" | "at">[]> {
  if (terms.sampler === "random" || terms.sampler === "sobol") {
    return trials.map((trial) => ({ trial, params: drawnAt(terms, trial, params) }));
  }
  const found = await askOptuna(python, terms, state, trials, budgets);
  return found.map((at, index) => ({
    trial: trials[index]!,
    params: paramsAt(terms.space, at, params),
    at,
  }));
}
