import { UsageError } from "../core/errors.ts";
import { isGroup, type Params, type ParamValue } from "../core/params.ts";

/** A value as text: a text as it is, anything else as JSON. */
export function valueText(value: ParamValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * Parameters as one line of JSON, exactly as `JSON.stringify` writes them.
 *
 * @throws {UsageError} on a number that JSON cannot hold (NaN, infinity).
 */
export function paramsJson(params: Params): string {
  return JSON.stringify(params, (key, value) => {
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new UsageError(`Cannot pass ${value} as parameter "${key}": JSON has no such number`, {
        hint: `write it as a string, "${value}", and convert it in the program`,
      });
    }
    return value;
  });
}

/** The parameters without those at these dotted keys; groups that become empty are gone as well. */
export function withoutParams(
  params: Params,
  keys: ReadonlySet<string>,
  prefix = "",
): Params {
  const kept = Object.entries(params).flatMap(([key, value]): [string, ParamValue][] => {
    const path = `${prefix}${key}`;
    if (keys.has(path)) return [];
    if (!isGroup(value) || Object.keys(value).length === 0) return [[key, value]];
    const rest = withoutParams(value, keys, `${path}.`);
    return Object.keys(rest).length > 0 ? [[key, rest]] : [];
  });
  return Object.fromEntries(kept);
}
