import { ConfigError } from "../core/errors.ts";
import type { ParamValue } from "../core/params.ts";
import type { SweepValues } from "../core/sweep.ts";
import { toValue } from "./located.ts";
import { isRange, parseRange } from "./sweep_ranges.ts";
import { parseValue } from "./values.ts";

/** How a parameter is drawn. */
export interface Distribution {
  /** What it is worth at a share of the distribution, from 0 (included) to 1 (excluded). */
  at(share: number): ParamValue;
  /** Number of its values, all as likely, where they can be counted. */
  levels?: number;
  /** Whether the values have an order that means something: numbers do. */
  ordered: boolean;
}

const FORMS =
  "write uniform(0,1), loguniform(1e-4,1e-1), int(1,8), normal(0,1), choice(adam,sgd) or a list";

/**
 * Reads how a parameter is drawn. Numbers have nine digits, so that they are the same on every
 * machine, whatever its last bit of a logarithm.
 *
 * @throws {ConfigError} when it cannot be read.
 */
export function parseDistribution(given: SweepValues): Distribution {
  if (typeof given !== "string") return choiceOf(given);
  if (isRange(given)) return choiceOf(parseRange(given));
  if (/^\w+\([^)]*$/.test(given)) {
    throw cannot(given, "its ( is not closed, inside { } it must be quoted");
  }
  const [, name = "", inner = ""] = /^([a-z]+)\((.*)\)$/.exec(given.trim()) ?? [];
  const parts = inner.split(",").map((part) => part.trim());
  if (name === "choice" && !parts.includes("")) {
    return choiceOf(parts.map((part) => toValue(parseValue(part, { source: "" })) as ParamValue));
  }
  const [low = NaN, high = NaN] = parts.map((part) => part === "" ? NaN : Number(part));
  if (parts.length !== 2 || !Number.isFinite(low + high)) throw cannot(given, "it is not known");
  if (name === "normal") {
    if (high <= 0) throw cannot(given, "its standard deviation is not above 0");
    return continuous((share) => low + high * normalQuantile(share));
  }
  if (low >= high) throw cannot(given, "its first number is not below its second");
  if (name === "uniform") return continuous((share) => low + share * (high - low));
  if (name === "loguniform") {
    if (low <= 0) throw cannot(given, "both of its numbers must be above 0");
    const [from, to] = [Math.log(low), Math.log(high)];
    return continuous((share) => Math.exp(from + share * (to - from)));
  }
  if (name === "int") {
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high)) {
      throw cannot(given, "its ends are no whole numbers");
    }
    const levels = high - low + 1;
    return { at: (share) => low + Math.floor(share * levels), levels, ordered: true };
  }
  throw cannot(given, "it is not known");
}

function choiceOf(values: readonly ParamValue[]): Distribution {
  const levels = values.length;
  const at = (share: number) => values[Math.floor(share * levels)]!;
  return { at, levels, ordered: isRising(values) };
}

function isRising(values: readonly ParamValue[]): boolean {
  return values.every((value, index) =>
    typeof value === "number" && (index === 0 || value > (values[index - 1] as number))
  );
}

function continuous(at: (share: number) => number): Distribution {
  return { at: (share) => short(at(share)), ordered: true };
}

function short(value: number): number {
  return Number(value.toPrecision(9));
}

function cannot(given: string, problem: string): ConfigError {
  return new ConfigError(`Cannot draw from ${JSON.stringify(given)}: ${problem}`, { hint: FORMS });
}

const CENTRE = [
  [3.3871327179, 50.434271938, 159.29113202, 59.109374720],
  [1, 17.895169469, 78.757757664, 67.187563600],
];
const MIDDLE = [
  [1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103],
  [1, 0.73700164250, 0.12021132975],
];
const TAIL = [
  [6.6579051150, 3.0812263860, 0.42868294337, 0.017337203997],
  [1, 0.24197894225, 0.012258202635],
];

/**
 * The standard normal distribution's quantile, to seven digits: PPND7 of M. J. Wichura, Algorithm
 * AS 241, Applied Statistics 37 (1988). The outermost 2^-33 on both sides count as that.
 */
export function normalQuantile(share: number): number {
  const inside = Math.min(Math.max(share, 2 ** -33), 1 - 2 ** -33);
  const from = inside - 0.5;
  if (Math.abs(from) <= 0.425) return from * ratio(CENTRE, 0.180625 - from * from);
  const root = Math.sqrt(-Math.log(Math.min(inside, 1 - inside)));
  const size = root <= 5 ? ratio(MIDDLE, root - 1.6) : ratio(TAIL, root - 5);
  return Math.sign(from) * size;
}

function ratio([above = [], below = []]: number[][], at: number): number {
  return polynomial(above, at) / polynomial(below, at);
}

function polynomial(coefficients: readonly number[], at: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * at + coefficient, 0);
}
