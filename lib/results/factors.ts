import type { ParamValue } from "../core/params.ts";

/** Parameters of several runs or groups, told apart. */
export interface SplitParams {
  /** Dotted keys that are not the same everywhere. */
  varying: string[];
  /** Those that are, with their value. */
  constant: Record<string, ParamValue>;
}

/** Tells parameters that differ from those that are the same in all sets. */
export function splitParams(sets: readonly Record<string, ParamValue>[]): SplitParams {
  const names = new Set(sets.flatMap((params) => Object.keys(params)));
  const varying: string[] = [];
  const constant = new Map<string, ParamValue>();
  for (const name of names) {
    const values = new Set(
      sets.map((params) => Object.hasOwn(params, name) ? JSON.stringify(params[name]) : ""),
    );
    if (values.size > 1) varying.push(name);
    else constant.set(name, sets[0]![name]!);
  }
  return { varying, constant: Object.fromEntries(constant) };
}

/** A parameter as people read it: strings as they are, anything else as JSON. */
export function showParam(value: ParamValue | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
