import { ExpflowError, UsageError } from "../core/errors.ts";
import type { ParamValue } from "../core/params.ts";
import type { Sweep } from "../core/sweep.ts";
import { check } from "./explain.ts";
import { mapFromValue, toValue } from "./located.ts";
import { isParamKey } from "./schema.ts";
import { normalSweep } from "./sweep_form.ts";
import { isRange, parseRange } from "./sweep_ranges.ts";
import { sweepSchema } from "./sweep_schema.ts";
import { parseValue } from "./values.ts";

const CLOSING: Record<string, string> = { "[": "]", "{": "}", "(": ")" };

/**
 * Reads a sweep as dr_exp writes it: `"model=r18,r50 optim.lr=0.1,0.01"`. Spaces separate keys,
 * commas values; quotes, `[]` and `{}` protect both. Values are scalars of YAML 1.2, or lists and
 * mappings in its flow style; `0:1:0.1`, `log(1e-4,1e-1,7)` and `lin(0,1,5)` are all the numbers of
 * a range. Whole numbers for `seed` become the seeds of the sweep. A line that begins with `{` is
 * the whole block, as under `sweep:` of a file: `"{random: {n: 8, params: {lr: uniform(0,1)}}}"`.
 *
 * @throws {UsageError} that names the column.
 *
 * @example
 * ```ts
 * import { parseSweepLine } from "@expflow/cli";
 *
 * const { grid, seeds } = parseSweepLine("model=r18,r50 lr=log(1e-3,1e-1,3) seed=0,1,2");
 * if (JSON.stringify(grid) !== '{"model":["r18","r50"],"lr":[0.001,0.01,0.1]}') throw grid;
 * if (String(seeds) !== "0,1,2") throw seeds;
 * ```
 */
export function parseSweepLine(line: string): Sweep {
  if (/^\s*\{/.test(line)) return parseBlock(line);
  const grid = new Map<string, ParamValue[]>();
  for (const { text, column } of split(line, line, 0, /\s/)) {
    if (text === "") continue;
    const equals = text.indexOf("=");
    if (equals < 0) {
      throw cannotRead(line, column, `${JSON.stringify(text)} has no =`, WRITE);
    }
    const key = text.slice(0, equals);
    checkKey(line, column, key, grid);
    const values = split(line, text.slice(equals + 1), column + equals + 1, /,/);
    grid.set(key, values.flatMap((value) => valuesOf(line, value)));
  }
  if (grid.size === 0) throw cannotRead(line, 0, "it is empty", WRITE);
  const seeds = grid.get("seed") ?? [];
  if (seeds.length === 0 || !seeds.every((seed) => Number.isSafeInteger(seed))) {
    return { grid: Object.fromEntries(grid) };
  }
  grid.delete("seed");
  return { grid: Object.fromEntries(grid), seeds: seeds as number[] };
}

/** Reads a whole block in the flow style of YAML. */
function parseBlock(line: string): Sweep {
  const at = { source: "--sweep" };
  const block = mapFromValue(toValue(parseValue(line.trim(), at)) as object, at);
  return check(sweepSchema, normalSweep(block)) as Sweep;
}

const WRITE = 'write it as "model=r18,r50 optim.lr=0.1,0.01": no spaces around = and commas';

interface Piece {
  text: string;
  /** Where it starts in the line, from 0. */
  column: number;
}

function checkKey(line: string, column: number, key: string, known: Map<string, unknown>): void {
  const name = JSON.stringify(key);
  if (key.startsWith("params.")) {
    throw cannotRead(line, column, `${name} starts with params.`, `write ${key.slice(7)}=…`);
  }
  if (!isParamKey(key)) throw cannotRead(line, column, `${name} is no name of a parameter`, WRITE);
  if (known.has(key)) {
    throw cannotRead(line, column, `${name} is there twice`, "give all its values at once");
  }
}

function valuesOf(line: string, { text, column }: Piece): ParamValue[] {
  if (text === "") {
    throw cannotRead(line, column, "a value is missing", `${WRITE}; '' is the empty text`);
  }
  try {
    if (isRange(text)) return parseRange(text);
    return [toValue(parseValue(text, { source: "--sweep" })) as ParamValue];
  } catch (error) {
    if (!(error instanceof ExpflowError)) throw error;
    throw cannotRead(line, column, error.message.replace(/^Cannot read /, ""), error.hint);
  }
}

function cannotRead(line: string, column: number, problem: string, hint?: string): UsageError {
  const where = `at column ${column + 1}`;
  return new UsageError(`Cannot read the sweep ${JSON.stringify(line)}: ${where}, ${problem}`, {
    hint,
  });
}

/** Cuts a part of the line at separators that nothing protects. */
function split(line: string, part: string, offset: number, separator: RegExp): Piece[] {
  const pieces: Piece[] = [];
  const open: { close: string; at: number }[] = [];
  let start = 0;
  for (let at = 0; at < part.length; at++) {
    const char = part[at]!;
    const inside = open.at(-1)?.close;
    if (inside === '"' || inside === "'") {
      if (char === "\\" && inside === '"') at++;
      else if (char === inside) open.pop();
    } else if (char === inside) open.pop();
    else if (opens(part, at)) open.push({ close: CLOSING[char]!, at });
    else if (startsQuote(part, at)) open.push({ close: char, at });
    else if (open.length === 0 && separator.test(char)) {
      pieces.push({ text: part.slice(start, at), column: offset + start });
      start = at + 1;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed) {
    throw cannotRead(line, offset + unclosed.at, `${part[unclosed.at]} is not closed`, WRITE);
  }
  return [...pieces, { text: part.slice(start), column: offset + start }];
}

/** A bracket, or the parenthesis of a range; any other is a part of a value. */
function opens(part: string, at: number): boolean {
  const char = part[at]!;
  return char === "(" ? /(?:^|[=,])(?:log|lin)$/.test(part.slice(0, at)) : char in CLOSING;
}

/** A quote protects where a value can begin; elsewhere it is an apostrophe. */
function startsQuote(part: string, at: number): boolean {
  return /["']/.test(part[at]!) && (at === 0 || /[=,:\s[{]/.test(part[at - 1]!));
}
