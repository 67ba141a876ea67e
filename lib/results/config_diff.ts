import { flattenParams, isGroup, type ParamValue } from "../core/params.ts";

/** A value that is not the same in two places; absent where there is none. */
export interface Change {
  /** Dotted key. */
  name: string;
  /** In the first. */
  from?: ParamValue;
  /** In the second. */
  to?: ParamValue;
}

/** What differs between two structures of plain data, by dotted key. Lists are compared whole. */
export function changesBetween(from: unknown, to: unknown): Change[] {
  const [before, after] = [leavesOf(from), leavesOf(to)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [a, b] = [before.get(name), after.get(name)];
    if (JSON.stringify(a) === JSON.stringify(b)) return [];
    return [{
      name,
      ...(a === undefined ? {} : { from: a }),
      ...(b === undefined ? {} : { to: b }),
    }];
  });
}

function leavesOf(value: unknown): Map<string, ParamValue> {
  const plain = JSON.parse(JSON.stringify(value ?? {})) as ParamValue;
  return new Map(isGroup(plain) ? flattenParams(plain) : [["", plain]]);
}
