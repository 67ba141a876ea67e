import { z } from "zod";
import { record } from "./rules.ts";

/** What the name of a parameter is made of. */
export const PARAM_KEY = /^\+{0,2}[A-Za-z_][A-Za-z0-9_.+~/@:-]*$/;
/** The same in words. */
export const KEY =
  "the name of a parameter | a letter or _, then letters, digits and _ . + ~ / @ : - (Hydra: + first)";

/** Whether a text can be the name of a parameter. */
export function isParamKey(key: string): boolean {
  return PARAM_KEY.test(key);
}

/** Paths of the names that a rule refuses; a name of a group counts with those above it. */
function badNames(
  group: Record<string, unknown>,
  allowed: RegExp,
  above: string[] = [],
): string[][] {
  return Object.entries(group).flatMap(([key, value]) => {
    const path = [...above, key];
    if (!allowed.test(path.join("."))) return [path];
    const inner = typeof value === "object" && value !== null && !Array.isArray(value);
    return inner ? badNames(value as Record<string, unknown>, allowed, path) : [];
  });
}

/** Names of the user's choice that a rule allows, each with such a value. */
export function named<Value extends z.ZodType>(
  value: Value,
  allowed: RegExp,
  error: string,
): z.ZodRecord<z.ZodString, Value> {
  return record(value).superRefine((group, context) => {
    for (const path of badNames(group, allowed)) {
      context.addIssue({ code: "custom", path, message: error, params: { key: true } });
    }
  });
}

/** Parameters with any values. */
export const params: z.ZodRecord<z.ZodString, z.ZodUnknown> = named(z.unknown(), PARAM_KEY, KEY);
