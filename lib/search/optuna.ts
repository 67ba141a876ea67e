import { ConfigError, ExpflowError } from "../core/errors.ts";
import type { Runner } from "../system/runner.ts";
import type { Told } from "./journal.ts";
import { OPTUNA_BRIDGE } from "./optuna_bridge.gen.ts";
import { type Coordinates, dimensionsOf, seedOf } from "./space.ts";
import type { SearchState } from "./trials.ts";
import type { SearchTerms } from "./journal.ts";

const TIMEOUT_MS = 600_000;
/** The bridge's, where Python has no Optuna. */
const NO_OPTUNA = 3;

/** A Python that is asked. */
export interface Python {
  runner: Runner;
  /** Name or path of the program. */
  program: string;
  /** Where it is started. */
  cwd: string;
}

/**
 * Asks Optuna for the coordinates of trials, one after the other, each as if those before it were
 * running. The study is rebuilt from what is known.
 *
 * @param budgets of the rungs; empty without asha.
 * @throws {ConfigError} where there is no such Python, or it has no Optuna.
 */
export async function askOptuna(
  python: Python,
  terms: SearchTerms,
  state: SearchState,
  trials: readonly number[],
  budgets: readonly number[],
): Promise<Coordinates[]> {
  const request = {
    sampler: terms.sampler,
    direction: terms.direction === "min" ? "minimize" : "maximize",
    dimensions: dimensionsOf(terms.space),
    suggestions: trials.map((trial) => ({ trial, seed: seedOf(terms.seed ?? 0, trial) })),
  };
  const lines = [request, ...historyOf(terms, state, budgets)].map((line) =>
    `${JSON.stringify(line)}\n`
  );
  const reply = await python.runner.run({
    argv: [python.program, "-c", OPTUNA_BRIDGE],
    cwd: python.cwd,
    stdin: lines.join(""),
    timeoutMs: TIMEOUT_MS,
  });
  if (reply.code !== 0) throw failed(python, terms, reply);
  return parseReply(reply.stdout, trials, python);
}

/** Asking and telling in the order in which it was; only a trial's first rung is asked for. */
function historyOf(
  { seed }: SearchTerms,
  { events }: SearchState,
  budgets: readonly number[],
): unknown[] {
  return events.flatMap((event) => {
    if (event.event === "told") return [toldLine(event, budgets)];
    const { trial, rung, at } = event;
    return rung === 0 ? [{ ask: trial, at, seed: seedOf(seed ?? 0, trial) }] : [];
  });
}

/** What failed at a higher rung keeps the value that it had. */
function toldLine({ trial, rung, value }: Told, budgets: readonly number[]): unknown {
  const partial = value === undefined ? rung > 0 : rung < budgets.length - 1;
  return { tell: trial, value: value ?? null, step: budgets[rung] ?? 0, partial };
}

/** Reads the bridge's answer: a line for each trial that was asked for. */
export function parseReply(
  stdout: string,
  trials: readonly number[],
  { program }: Pick<Python, "program">,
): Coordinates[] {
  const answers = new Map<number, Coordinates>();
  for (const line of stdout.split("\n")) {
    if (!line.startsWith('{"trial"')) continue; // what a site's Python prints beside it
    const { trial, at } = JSON.parse(line) as { trial: number; at: Coordinates };
    answers.set(trial, at);
  }
  return trials.map((trial) => {
    const at = answers.get(trial);
    if (at) return at;
    throw new ExpflowError(`Cannot ask Optuna: ${program} gave no point for trial ${trial}`, {
      hint: "run it once more; the search goes on where it was",
    });
  });
}

function failed(
  { program }: Python,
  { sampler }: SearchTerms,
  { code, stderr, timedOut }: { code: number; stderr: string; timedOut: boolean },
): ExpflowError {
  const cannot = `Cannot search with ${sampler}`;
  const packages = sampler === "cmaes" ? "optuna cmaes" : "optuna";
  const install = `${program} -m pip install ${packages}, set search.python, ` +
    "or use sampler: random or sobol";
  const last = stderr.trimEnd().split("\n").at(-1)?.trim() ?? "";
  if (code === 127) {
    return new ConfigError(`${cannot}: there is no program ${program}`, {
      hint: "name a Python that has Optuna as search.python",
    });
  }
  if (code === NO_OPTUNA || /No module named '?(optuna|cmaes)/.test(last)) {
    return new ConfigError(`${cannot}: ${program} cannot import Optuna (${last})`, {
      hint: install,
    });
  }
  const why = timedOut ? `no answer in ${TIMEOUT_MS / 1000} s` : last || `exit code ${code}`;
  return new ExpflowError(`${cannot}: ${program}: ${why}`, { hint: install });
}
