import canonicalize from "canonicalize";
import type { ParamValue } from "../core/params.ts";

/** What a part of a condition is worth; `undefined` where a parameter that it needs is not there. */
export type Worth = ParamValue | undefined;

/** Why an operator cannot work on what it was given. */
export class OperandProblem extends Error {}

/** An operator that needs both sides; with one unknown, the outcome is unknown. */
export type Operator = (left: ParamValue, right: ParamValue) => ParamValue;

/** Arithmetic, by sign. */
export const ARITHMETIC: Record<string, Operator> = {
  "+": (left, right) =>
    typeof left === "string" && typeof right === "string"
      ? left + right
      : numbers("+", left, right, (a, b) => a + b),
  "-": (left, right) => numbers("-", left, right, (a, b) => a - b),
  "*": (left, right) => numbers("*", left, right, (a, b) => a * b),
  "/": (left, right) => numbers("/", left, right, (a, b) => a / b),
  "%": (left, right) => numbers("%", left, right, (a, b) => a % b),
  "**": (left, right) => numbers("**", left, right, (a, b) => a ** b),
};

/** Comparisons of order, by sign. */
export const ORDER: Record<string, Operator> = {
  "<": (left, right) => ordered("<", left, right, (sign) => sign < 0),
  "<=": (left, right) => ordered("<=", left, right, (sign) => sign <= 0),
  ">": (left, right) => ordered(">", left, right, (sign) => sign > 0),
  ">=": (left, right) => ordered(">=", left, right, (sign) => sign >= 0),
};

/** Functions of numbers, by name. */
export const FUNCTIONS: Record<string, (...values: number[]) => number> = {
  abs: Math.abs,
  ceil: Math.ceil,
  exp: Math.exp,
  floor: Math.floor,
  log: Math.log,
  log10: Math.log10,
  log2: Math.log2,
  max: Math.max,
  min: Math.min,
  round: Math.round,
  sqrt: Math.sqrt,
};

/** Applies a function of numbers. */
export function call(name: string, values: ParamValue[]): number {
  const wrong = values.find((value) => typeof value !== "number");
  if (wrong !== undefined) {
    throw new OperandProblem(`${name}() needs numbers, found ${shown(wrong)}`);
  }
  return FUNCTIONS[name]!(...values as number[]);
}

/** Whether two values are the same as JSON. */
export function same(left: ParamValue, right: ParamValue): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object") return false;
  return canonicalize(left) === canonicalize(right);
}

/** As {@linkcode same}, where values of two kinds are a mistake, and not only different. */
export function sameKind(sign: string, left: ParamValue, right: ParamValue): boolean {
  if (kindOf(left) === kindOf(right)) return same(left, right);
  const found = `${shown(left)} and ${shown(right)}`;
  throw new OperandProblem(`${sign} needs two values of one kind, found ${found}`);
}

function kindOf(value: ParamValue): string {
  return Array.isArray(value) ? "list" : typeof value;
}

/** Whether a value is in a list, or a text in a text. */
export function within(left: ParamValue, right: ParamValue): boolean {
  if (Array.isArray(right)) return right.some((item) => same(left, item));
  if (typeof left === "string" && typeof right === "string") return right.includes(left);
  throw new OperandProblem(`in needs a list, found ${shown(right)}`);
}

function numbers(
  sign: string,
  left: ParamValue,
  right: ParamValue,
  apply: (left: number, right: number) => number,
): number {
  if (typeof left === "number" && typeof right === "number") return apply(left, right);
  throw new OperandProblem(`${sign} needs two numbers, found ${shown(left)} and ${shown(right)}`);
}

function ordered(
  sign: string,
  left: ParamValue,
  right: ParamValue,
  holds: (sign: number) => boolean,
): boolean {
  const both = typeof left === typeof right;
  if (both && (typeof left === "number" || typeof left === "string")) {
    return holds(left < right! ? -1 : left > right! ? 1 : left === right ? 0 : NaN);
  }
  const found = `${shown(left)} and ${shown(right)}`;
  throw new OperandProblem(`${sign} needs two numbers or two texts, found ${found}`);
}

function shown(value: ParamValue): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
