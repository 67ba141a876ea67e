import { ConfigError } from "../core/errors.ts";

/** A word of a condition. */
export interface Token {
  kind: "number" | "text" | "name" | "sign" | "end";
  /** The sign, the name, or the text without its quotes. */
  text: string;
  /** Where it starts, from 0. */
  at: number;
}

const WORDS = [
  { kind: "number", form: /(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y },
  { kind: "text", form: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y },
  { kind: "name", form: /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|`[^`]+`/y },
  { kind: "sign", form: /\*\*|==|!=|<=|>=|&&|\|\||[-+*\/%<>=!(),[\]]/y },
] as const;

/** Signs that mean the same as a word. */
const SAME = new Map([["=", "=="], ["&&", "and"], ["||", "or"], ["!", "not"]]);

/** Longest condition: far above any that a person writes. */
const LONGEST = 2000;

/**
 * Cuts a condition into words.
 *
 * @throws {ConfigError} at what is no part of one.
 */
export function tokensOf(condition: string): Token[] {
  const tokens: Token[] = [];
  if (condition.length > LONGEST) throw cannotRead(condition, LONGEST, "it is too long");
  for (let at = 0; at < condition.length;) {
    if (/\s/.test(condition[at]!)) {
      at++;
      continue;
    }
    const token = tokenAt(condition, at);
    if (!token) {
      throw cannotRead(condition, at, `${condition[at]} is no part of a condition`);
    }
    tokens.push(token.token);
    at = token.end;
  }
  return [...tokens, { kind: "end", text: "its end", at: condition.length }];
}

function tokenAt(condition: string, at: number): { token: Token; end: number } | undefined {
  for (const { kind, form } of WORDS) {
    form.lastIndex = at;
    const found = form.exec(condition)?.[0];
    if (found === undefined) continue;
    const quoted = kind === "text" || found.startsWith("`");
    const text = quoted ? found.slice(1, -1).replaceAll(/\\(.)/g, "$1") : SAME.get(found) ?? found;
    const sign = kind === "name" && !quoted && /^(?:and|or|not|in)$/.test(found);
    return { token: { kind: sign ? "sign" : kind, text, at }, end: at + found.length };
  }
  return undefined;
}

const WRITE = "write it as lr * batch <= 1 and optimizer in ['sgd', 'adam']";

/** The error for a place in a condition. */
export function cannotRead(condition: string, at: number, problem: string): ConfigError {
  const shown = condition.length > 80 ? `${condition.slice(0, 79)}…` : condition;
  return new ConfigError(
    `Cannot read the condition ${JSON.stringify(shown)}: at column ${at + 1}, ${problem}`,
    { hint: WRITE },
  );
}
