import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { ConfigError } from "../../lib/core/errors.ts";
import type { Sampler } from "../../lib/core/search.ts";
import type { SearchTerms, Told } from "../../lib/search/journal.ts";
import { askOptuna, type Python } from "../../lib/search/optuna.ts";
import { type Coordinates, paramsAt } from "../../lib/search/space.ts";
import { foldEvent, type SearchState } from "../../lib/search/trials.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";

const program = Deno.env.get("EXPFLOW_TEST_PYTHON") ?? "python3";
const python: Python = { runner: denoRunner, program, cwd: Deno.cwd() };

const { code } = await denoRunner.run({ argv: [program, "-c", "import optuna, cmaes"] });
const ignore = code !== 0;
if (ignore) {
  console.warn(
    `NOT RUN: suggestions of Optuna (EXPFLOW_TEST_PYTHON may name a Python that has optuna and ` +
      `cmaes; ${program} has not)`,
  );
}

const space = { x: "uniform(0,1)", y: "loguniform(1e-4,1)", layers: "int(1,4)", kind: ["a", "b"] };

function termsFor(sampler: Sampler, change: Partial<SearchTerms> = {}): SearchTerms {
  return {
    metric: "loss",
    direction: "min",
    use: "last",
    sampler,
    seed: 3,
    space,
    fixed: "",
    ...change,
  };
}

function begin(state: SearchState, trial: number, at: Coordinates, terms: SearchTerms): void {
  const params = paramsAt(terms.space, at, {});
  foldEvent(state, { event: "started", trial, rung: 0, params, at });
}

function tell(state: SearchState, trial: number, result: Pick<Told, "value" | "failed">): void {
  foldEvent(state, { event: "told", trial, rung: 0, run: trial, ...result });
}

const lossOf = ({ x, y }: Record<string, unknown>) =>
  (Number(x) - 0.7) ** 2 + (Math.log10(Number(y)) + 2) ** 2 / 4;

/** Asks and tells, so many at once; every fifth trial fails. */
async function search(
  terms: SearchTerms,
  trials: number,
  atOnce: number,
): Promise<SearchState> {
  const state: SearchState = { trials: [], events: [] };
  for (let first = 0; first < trials; first += atOnce) {
    const numbers = Array.from({ length: atOnce }, (_, index) => first + index);
    const points = await askOptuna(python, terms, state, numbers, []);
    for (const [index, at] of points.entries()) begin(state, first + index, at, terms);
    for (const trial of numbers) {
      const { params } = state.trials[trial]!.rungs[0]!;
      tell(state, trial, trial % 5 === 4 ? { failed: "failed" } : { value: lossOf(params) });
    }
  }
  return state;
}

for (const sampler of ["tpe", "cmaes"] as const) {
  Deno.test({
    name: `${sampler}: a suggestion that got lost is made again identically`,
    ignore,
    async fn() {
      const terms = termsFor(sampler);
      const state = await search(terms, 16, 4);
      const numbers = [16, 17, 18];
      const together = await askOptuna(python, terms, state, numbers, []);
      deepEqual(await askOptuna(python, terms, state, numbers, []), together);
      for (const [index, trial] of numbers.entries()) {
        const [again] = await askOptuna(python, terms, state, [trial], []);
        deepEqual(again, together[index], `trial ${trial} after those before it began`);
        begin(state, trial, again!, terms);
      }
      const [other] = await askOptuna(python, { ...terms, seed: 4 }, state, [19], []);
      const [same] = await askOptuna(python, terms, state, [19], []);
      ok(JSON.stringify(other) !== JSON.stringify(same), "another seed suggests another point");
    },
  });

  Deno.test({
    name: `${sampler}: what was told moves the suggestions to where it is better`,
    ignore,
    async fn() {
      const numbers = { x: "uniform(0,1)", y: "loguniform(1e-4,1)" };
      const { trials } = await search(termsFor(sampler, { space: numbers }), 48, 6);
      const losses = trials.map(({ rungs }) => lossOf(rungs[0]!.params));
      const middle = (values: number[]) => values.toSorted((a, b) => a - b)[values.length / 2]!;
      const [first, last] = [middle(losses.slice(0, 12)), middle(losses.slice(-12))];
      ok(last < first / 2, `median loss was ${first} at first, ${last} at last`);
    },
  });
}

Deno.test({
  name: "tpe: values of a higher rung count as such, and failure is no value",
  ignore,
  async fn() {
    const terms = termsFor("tpe");
    const state = await search(terms, 4, 4);
    const promoted = { event: "started", trial: 0, rung: 1, params: {} } as const;
    foldEvent(state, promoted);
    foldEvent(state, { event: "told", trial: 0, rung: 1, run: 9, failed: "timeout" });
    const [point] = await askOptuna(python, terms, state, [4], [1, 3]);
    equal(Object.keys(point!).length, 4);
  },
});

Deno.test("without Optuna the error is one line with a way out", async (t) => {
  const state: SearchState = { trials: [], events: [] };
  const ask = (from: Python) => askOptuna(from, termsFor("tpe"), state, [0], []);
  await t.step("no such program", async () => {
    await rejects(ask({ ...python, program: "/nowhere/python" }), (error: ConfigError) => {
      equal(error.message, "Cannot search with tpe: there is no program /nowhere/python");
      return error instanceof ConfigError && error.hint!.includes("search.python");
    });
  });
  await t.step("a Python without it", async () => {
    const bare = Deno.makeTempFileSync();
    Deno.writeTextFileSync(bare, `#!/bin/sh\nexec python3 -I -S "$@"\n`);
    Deno.chmodSync(bare, 0o755);
    await rejects(ask({ ...python, program: bare }), (error: ConfigError) => {
      match(error.message, /^Cannot search with tpe: .* cannot import Optuna \(.*\)$/);
      return error instanceof ConfigError && error.hint!.includes("-m pip install optuna");
    });
    Deno.removeSync(bare);
  });
});
