import { parseCondition } from "../config/sweep_condition.ts";
import { UsageError } from "../core/errors.ts";
import type { RunPoint } from "../core/experiment.ts";
import { paramAt } from "../core/params.ts";
import { RUN_STATES, type RunState } from "../core/states.ts";
import { didYouMean } from "../core/suggest.ts";

/**
 * Reads a condition on parameters, as in a sweep's `where`: `lr > 0.01 and model == "r18"`.
 *
 * @param points those of the sweep: a name that none of them has is a mistake.
 * @throws {UsageError} for such a name, {ConfigError} for what is no condition.
 */
export function subsetOf(
  text: string,
  points: () => Iterable<RunPoint>,
): (point: RunPoint) => boolean {
  const condition = parseCondition(text);
  const missing = new Set(condition.names);
  const known = new Set<string>();
  for (const point of points()) {
    if (missing.size === 0) break;
    for (const name of missing) if (paramAt(point.params, name) !== undefined) missing.delete(name);
    for (const name of Object.keys(point.params)) known.add(name);
  }
  const [name] = missing;
  if (name !== undefined) {
    throw new UsageError(`Cannot use --subset ${JSON.stringify(text)}: no run has ${name}`, {
      hint: `${didYouMean(name, [...known])}; texts have quotes, as model == "r18"`,
    });
  }
  return ({ params }) => condition.holds(params) === true;
}

/**
 * Reads states of runs, separated by commas. `planned` are also those that were never submitted.
 *
 * @throws {UsageError} for a word that is none.
 */
export function parseStates(text: string): RunState[] {
  return text.split(",").map((part) => {
    const word = part.trim().replaceAll("-", "_");
    const state = RUN_STATES.find((one) => one === word);
    if (state) return state;
    throw new UsageError(`Cannot choose runs by ${JSON.stringify(part)}: expected a state`, {
      hint: didYouMean(word, RUN_STATES),
    });
  });
}
