import { z } from "zod";
import { SAMPLERS } from "../core/search.ts";
import { KEY, named, PARAM_KEY } from "./param_keys.ts";
import { choice, count, line, mapping, text } from "./rules.ts";
import { drawn } from "./sweep_schema.ts";

const BETTER = "a number from 2 | write reduction: 3";

const asha = mapping({
  param: text.regex(PARAM_KEY, { error: KEY })
    .describe("Parameter that takes the budget: epochs or steps"),
  min: count.describe("Budget of the first rung"),
  max: count.describe("Budget of the last rung"),
  reduction: z.int({ error: BETTER }).min(2, { error: BETTER })
    .optional().describe("One of so many goes on, with so many times the budget; 3 unless told"),
});

/** `search`: runs that are suggested one after the other. */
export const searchSchema = mapping({
  metric: line.describe("What is searched for the best of, as `harvest` names it"),
  direction: choice("min", "max").optional().describe("Which is better; by its name unless told"),
  use: choice("last", "best").optional().describe("The last value, or the best of its series"),
  sampler: choice(...SAMPLERS)
    .optional().describe("random, sobol, or Optuna's tpe and cmaes; random unless told"),
  trials: count.describe("Number of points"),
  at_once: count.optional().describe("Most runs in the queue at once; 1 unless told"),
  seed: z.int({ error: "a whole number | write it without quotes" })
    .optional().describe("Another seed suggests other points"),
  space: named(drawn, PARAM_KEY, KEY).describe(
    "Parameter → uniform(0,1), loguniform(1e-4,1e-1), int(1,8), …",
  ),
  asha: asha.optional().describe("Begin small; the better share of each rung goes on"),
  python: line.optional().describe("Python that has Optuna; environment.venv's unless told"),
});
