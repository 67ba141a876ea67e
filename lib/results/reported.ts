import type { ParamValue } from "../core/params.ts";
import { showParam } from "./factors.ts";

const WORDS: Record<string, ParamValue> = { True: true, False: false, None: null };

/**
 * Where files of the program name another value than the run was given, one line each: it may have
 * run with something else. Only plain values that both name are compared; `"0.1"` is 0.1, since some
 * programs keep all as text, and numbers need only be the same in 32 bits.
 */
export function disagreements(
  given: Readonly<Record<string, ParamValue>>,
  reported: Readonly<Record<string, ParamValue>>,
): string[] {
  return Object.entries(reported).flatMap(([name, value]) => {
    if (!Object.hasOwn(given, name) || agree(given[name]!, value)) return [];
    return [
      `${name}: the run was given ${showParam(given[name])}, the program's files say ${
        showParam(value)
      }`,
    ];
  });
}

function agree(one: ParamValue, other: ParamValue): boolean {
  if (isNested(one) || isNested(other)) return true;
  const [a, b] = [plain(one), plain(other)];
  if (typeof a === "number" && typeof b === "number") return Math.fround(a) === Math.fround(b);
  return a === b;
}

function isNested(value: ParamValue): boolean {
  return typeof value === "object" && value !== null;
}

function plain(value: ParamValue): ParamValue {
  if (typeof value !== "string") return value;
  if (Object.hasOwn(WORDS, value)) return WORDS[value]!;
  return value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
}
