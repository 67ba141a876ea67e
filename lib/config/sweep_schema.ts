import { z } from "zod";
import { KEY, named, PARAM_KEY, params } from "./param_keys.ts";
import { resourcesSchema } from "./resource_schema.ts";
import { count, list, mapping, record, text, texts } from "./rules.ts";

const VALUES =
  "a list of values | write [0.1, 0.01], or a range: 0:1:0.1, log(1e-4,1e-1,7) (quoted inside { })";
const range = z.string().regex(/^(?:[^:]+:[^:]+:[^:]+|(?:log|lin)\(.*\))$/, { error: VALUES });
const columns = z.union([list(z.unknown()), range, record(z.unknown())], { error: VALUES });

const DRAWN =
  "how it is drawn | write uniform(0,1), loguniform(1e-4,1e-1), int(1,8), normal(0,1), choice(a,b) or a list";
/** How one parameter is drawn. */
export const drawn: z.ZodType = z.union([
  list(z.unknown()),
  z.string({ error: DRAWN }),
  record(z.unknown()),
], { error: DRAWN });
const seed = z.int({ error: "a whole number | write it without quotes" });

const draws = mapping({
  n: count.describe("Number of points"),
  seed: seed.optional().describe("Another seed draws other points"),
  params: record(drawn).describe("Parameter → uniform(0,1), loguniform(1e-4,1e-1), int(1,8), …"),
});

const parts = {
  list: list(params, "a list of mappings | write [{lr: 0.1}, {lr: 0.01}]")
    .optional().describe("Points, each a mapping of parameters"),
  random: draws.optional().describe("Independent draws"),
  sobol: draws.optional().describe("Draws that fill the space evenly"),
  lhs: draws.optional().describe("Latin hypercube: one draw in each of n equal slices"),
  zip: record(columns).optional().describe("Parameter → values that advance together"),
  grid: record(columns)
    .optional().describe("Parameter → values; all combinations, the last one varies fastest"),
  seeds: z.union([count, list(seed)], {
    error: "a whole number or a list of them | write 3 (for 0, 1, 2), or [1, 7, 42]",
  }).optional().describe("Replicates of each point: a number, or a list of seeds"),
  seed_key: text.regex(PARAM_KEY, { error: KEY })
    .optional().describe("Parameter that takes the seed; `seed` unless told"),
  when: record(text).optional().describe("Parameter → condition under which the sweep sets it"),
  where: texts.optional().describe("Conditions that a point must not break: lr * batch <= 1"),
};

const NAME = "a name | letters, digits, _ and -";
const CONCAT = "a list of sweeps | write [{grid: …}, {list: …}]";

const part: z.ZodType = mapping({
  ...parts,
  get concat() {
    return list(part, CONCAT).optional().describe("Sub-sweeps, one after the other");
  },
});
const concat = list(part, CONCAT).optional().describe("Sub-sweeps, one after the other");

const group = mapping({
  ...parts,
  concat,
  resources: resourcesSchema.optional().describe("Over those of every stage, for its runs"),
});

/** `sweep`: many runs. */
export const sweepSchema = mapping({
  ...parts,
  concat,
  groups: named(group, /^[A-Za-z][\w-]{0,49}(?:\..*)?$/, NAME)
    .optional().describe("Named sub-sweeps with resources of their own"),
});
