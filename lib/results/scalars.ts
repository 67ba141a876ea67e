import { metricNumber, type MetricScalar } from "./records.ts";

const DEEPEST = 16;
const LONGEST = 500;

/** Takes one metric of a row. */
export type Visit = (name: string, value: MetricScalar) => void;

/**
 * Visits each number, string, boolean and null in an object, groups with dotted names
 * (`{"test": {"acc": 1}}` → `test.acc`). Lists are no metrics and are passed over, as are groups
 * nested more than 16 deep and strings of more than 500 characters.
 */
export function eachScalar(
  values: Record<string, unknown>,
  visit: Visit,
  prefix = "",
  depth = 1,
): void {
  for (const key in values) {
    const value = values[key];
    if (typeof value === "number") visit(prefix + key, metricNumber(value));
    else if (typeof value === "boolean" || value === null) visit(prefix + key, value);
    else if (typeof value === "string") {
      if (value.length <= LONGEST) visit(prefix + key, value);
    } else if (isObject(value) && depth < DEEPEST) {
      eachScalar(value, visit, `${prefix}${key}.`, depth + 1);
    }
  }
}

/** Whether a parsed JSON value is an object: not a list, not null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const NON_FINITE_WORDS: Record<string, string> = {
  nan: "NaN",
  inf: "Infinity",
  infinity: "Infinity",
};

/** A value found as text (a CSV cell, a regex match); `undefined` when it is blank or too long. */
export function scalarFromText(text: string): MetricScalar | undefined {
  const given = text.trim();
  if (given === "" || given.length > LONGEST) return undefined;
  const unsigned = given.replace(/^[+-]/, "").toLowerCase();
  if (Object.hasOwn(NON_FINITE_WORDS, unsigned)) {
    const word = NON_FINITE_WORDS[unsigned]!;
    return word !== "NaN" && given.startsWith("-") ? `-${word}` : word;
  }
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) ? metricNumber(Number(given)) : given;
}
