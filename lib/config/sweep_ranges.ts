import { ConfigError } from "../core/errors.ts";
import type { ParamValue } from "../core/params.ts";
import type { SweepValues } from "../core/sweep.ts";

const NUMBER = String.raw`[-+]?(?:0|[1-9]\d*|(?=\.))(?:\.\d+)?(?:[eE][-+]?\d+)?`;
const STEPS = new RegExp(`^(${NUMBER}):(${NUMBER}):(${NUMBER})$`);
const SPACED = new RegExp(
  `^(log|lin)\\(\\s*(${NUMBER})\\s*,\\s*(${NUMBER})\\s*,\\s*([1-9]\\d*)\\s*\\)$`,
);
const LONGEST = 1_000_000;
const FORMS = "write 0:1:0.1 (start:end:step), log(1e-4,1e-1,7) or lin(0,1,5)";

/** Whether a text is meant as a range, right or wrong. */
export function isRange(text: string): boolean {
  return STEPS.test(text) || /^(?:log|lin)\(.*\)$/.test(text);
}

/**
 * The numbers of a range: `0:1:0.1`, both ends among them; `log(1e-4,1e-1,7)` and `lin(0,1,5)`, so
 * many from the first to the second, evenly spaced. Decimals are what a person would write: 0.3,
 * and not 0.30000000000000004.
 *
 * @throws {ConfigError} when it is no range, or the step does not lead to the end.
 */
export function parseRange(text: string): number[] {
  const steps = STEPS.exec(text);
  if (steps) return stepped(text, steps.slice(1).map(Number) as [number, number, number]);
  const spaced = SPACED.exec(text);
  if (!spaced) throw cannot(text, "expected a list of values or a range", FORMS);
  const [start, end, count] = spaced.slice(2).map(Number) as [number, number, number];
  if (count > LONGEST) throw tooLong(text, count);
  if (start === end || count < 2) throw cannot(text, "it has one value only", FORMS);
  if (spaced[1] === "lin") return evenly(start, end, count);
  if (start <= 0 || end <= 0) {
    throw cannot(text, "both ends of log() must be above 0", "as in log(1e-4,1e-1,7)");
  }
  const exponents = evenly(Math.log10(start), Math.log10(end), count);
  const inner = exponents.slice(1, -1).map((exponent) => clean(10 ** exponent));
  return [start, ...inner, end];
}

/** Values of a parameter, a range written out. */
export function valuesOf(values: SweepValues): ParamValue[] {
  return typeof values === "string" ? parseRange(values) : values;
}

function stepped(text: string, [start, end, step]: [number, number, number]): number[] {
  const count = (end - start) / step;
  const whole = Math.round(count);
  if (step === 0) throw cannot(text, "its step is 0", FORMS);
  if (count < 0) {
    throw cannot(text, "its step leads away from the end", `write ${start}:${end}:${-step}`);
  }
  if (Math.abs(count - whole) > 1e-9 * Math.max(1, whole)) {
    const decimals = Math.max(...[start, step].map(decimalsOf));
    const last = Number((start + Math.floor(count) * step).toFixed(decimals));
    throw cannot(
      text,
      `${end} is not a whole number of steps from ${start}`,
      `write ${start}:${last}:${step}, or quote it where it is text in a list: ['${text}']`,
    );
  }
  if (whole >= LONGEST) throw tooLong(text, whole + 1);
  const decimals = Math.min(100, Math.max(...[start, step].map(decimalsOf)));
  return Array.from(
    { length: whole + 1 },
    (_, index) => index === whole ? end : Number((start + index * step).toFixed(decimals)) + 0,
  );
}

function evenly(start: number, end: number, count: number): number[] {
  const step = (end - start) / (count - 1);
  return Array.from(
    { length: count },
    (_, index) => index === count - 1 ? end : clean(start + index * step),
  );
}

/** Twelve digits: more than a parameter means, and fewer than rounding spoils. */
function clean(value: number): number {
  return Number(value.toPrecision(12)) + 0;
}

function decimalsOf(value: number): number {
  const [digits = "", exponent = "0"] = String(value).split("e");
  return Math.max(0, (digits.split(".")[1] ?? "").length - Number(exponent));
}

function tooLong(text: string, count: number): ConfigError {
  return cannot(
    text,
    `it has ${count} values, at most ${LONGEST} are possible`,
    "take a larger step",
  );
}

function cannot(text: string, problem: string, hint: string): ConfigError {
  return new ConfigError(`Cannot read the range ${JSON.stringify(text)}: ${problem}`, { hint });
}
