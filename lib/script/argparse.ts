import { UsageError } from "../core/errors.ts";
import { flattenParams, type Params, type ParamValue } from "../core/params.ts";
import { valueText } from "./values.ts";

const KEY = /^[^\s=\p{Cc}-][^\s=\p{Cc}]*$/u;
const NEGATIVE = /^-(?:\d+|\d*\.\d+)$/;

/**
 * As Python's argparse takes them: `--lr 0.1`, `--flag` for true, nothing for false, null, an empty
 * list and an empty group, `--layers 64 32` for a list, `--optim.lr 0.1` for a group, and `--x=-v`
 * for a value that starts with a dash. What is neither text, number nor boolean inside a list is
 * written as JSON.
 *
 * @throws {UsageError} on what argparse would take for an option: an item of a list that starts with
 * a dash and is no negative number, and the text `--`.
 */
export function argparseArguments(params: Params): string[] {
  return flattenParams(params).flatMap(([key, value]) => option(key, value));
}

function option(key: string, value: ParamValue): string[] {
  if (!KEY.test(key)) {
    throw new UsageError(`Cannot write the parameter ${JSON.stringify(key)} as an option`, {
      hint: "its name must not hold spaces or '=', nor start with '-'; or set args: none",
    });
  }
  const name = `--${key}`;
  if (value === true) return [name];
  if (value === false || value === null) return [];
  if (Array.isArray(value)) {
    return value.length > 0 ? [name, ...value.map((item) => listItem(key, item))] : [];
  }
  if (typeof value === "object") return [];
  const text = valueText(value);
  if (text === "--") throw taken(text, `as "${key}"`);
  return text.startsWith("-") ? [`${name}=${text}`] : [name, text];
}

function listItem(key: string, item: ParamValue): string {
  const text = typeof item === "number" ? withoutExponent(item) : valueText(item);
  if (text.startsWith("-") && !NEGATIVE.test(text)) throw taken(text, `in the list "${key}"`);
  return text;
}

function taken(text: string, where: string): UsageError {
  return new UsageError(`Cannot give ${JSON.stringify(text)} ${where} to argparse`, {
    hint: "argparse takes it for an option; let the program read it from the file $EXPFLOW_PARAMS",
  });
}

/** argparse knows `-0.0000001` for a number, and `-1e-7` only from Python 3.14 on. */
function withoutExponent(value: number): string {
  const match = /^(-)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(String(value));
  if (!match) return valueText(value);
  const [, sign, first, rest = "", exponent] = match;
  const digits = `${first}${rest}`;
  const point = Number(exponent) + 1;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0")}`;
}
