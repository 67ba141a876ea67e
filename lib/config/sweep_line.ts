import { UsageError } from "../core/errors.ts";
import type { Sweep } from "../core/experiment.ts";
import type { ParamValue } from "../core/params.ts";
import { toValue } from "./located.ts";
import { isParamKey } from "./schema.ts";
import { NO_SWEEP } from "./sweep.ts";
import { parseValue } from "./values.ts";

const CLOSING: Record<string, string> = { "[": "]", "{": "}" };

/**
 * Reads a sweep as dr_exp writes it: `"model=r18,r50 optim.lr=0.1,0.01"`. Spaces separate keys,
 * commas values; quotes, `[]` and `{}` protect both. Values are scalars of YAML 1.2, or lists and
 * mappings in its flow style. Whole numbers for `seed` become the seeds of the sweep.
 *
 * @throws {UsageError} that names the column.
 *
 * @example
 * ```ts
 * import { parseSweepLine } from "@expflow/cli";
 *
 * const { grid, seeds } = parseSweepLine("model=r18,r50 layers=[64,64],[128] seed=0,1,2");
 * if (grid.model!.length * grid.layers!.length !== 4) throw new Error(JSON.stringify(grid));
 * if (seeds.length !== 3) throw new Error(seeds.join());
 * ```
 */
export function parseSweepLine(line: string): Sweep {
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
    grid.set(key, values.map((value) => valueOf(line, value)));
  }
  if (grid.size === 0) throw cannotRead(line, 0, "it is empty", WRITE);
  const seeds = grid.get("seed") ?? [];
  if (!seeds.every((seed) => Number.isSafeInteger(seed))) {
    return { ...NO_SWEEP, grid: Object.fromEntries(grid) };
  }
  grid.delete("seed");
  return { ...NO_SWEEP, grid: Object.fromEntries(grid), seeds: seeds as number[] };
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

function valueOf(line: string, { text, column }: Piece): ParamValue {
  if (text === "") {
    throw cannotRead(line, column, "a value is missing", `${WRITE}; '' is the empty text`);
  }
  try {
    return toValue(parseValue(text, { source: "--sweep" })) as ParamValue;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
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
    else if (CLOSING[char]) open.push({ close: CLOSING[char], at });
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

/** A quote protects where a value can begin; elsewhere it is an apostrophe. */
function startsQuote(part: string, at: number): boolean {
  return /["']/.test(part[at]!) && (at === 0 || /[=,:\s[{]/.test(part[at - 1]!));
}
