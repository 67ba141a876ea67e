import { ConfigError } from "../core/errors.ts";
import { paramAt, type Params, type ParamValue } from "../core/params.ts";
import {
  ARITHMETIC,
  call,
  FUNCTIONS,
  OperandProblem,
  type Operator,
  ORDER,
  same,
  sameKind,
  within,
  type Worth,
} from "./sweep_operators.ts";
import { cannotRead, type Token, tokensOf } from "./sweep_tokens.ts";

type Part = (params: Params) => Worth;

/** A condition on the parameters of a point. */
export interface Condition {
  /** As it was written. */
  text: string;
  /** Parameters that it looks at. */
  names: string[];
  /**
   * Whether it holds; `undefined` when that depends on a parameter which the point does not have, as
   * in SQL. Only `== null` and `!= null` tell whether there is one.
   *
   * @throws {ConfigError} when an operator is given what it cannot work on.
   */
  holds(params: Params): boolean | undefined;
}

/**
 * Reads a condition: numbers, texts, `true`, `false`, `null`, lists, parameters (`optim.lr`, or in
 * back quotes), `+ - * / % **`, `== != < <= > >=` (also `0 < lr < 1`, and `=` for `==`), `in`,
 * `not in`, `and or not` (or `&& || !`), and functions such as `min(a, b)`. It always ends, and sees nothing but the point.
 * Where it is `typed`, `==` and `!=` between values of two kinds are an error, and not just unequal.
 *
 * @throws {ConfigError} that names the column.
 */
export function parseCondition(text: string, { typed = false } = {}): Condition {
  const parser = new Parser(text, typed);
  const part = parser.whole();
  const wrong = (problem: string) =>
    new ConfigError(`Cannot use the condition ${JSON.stringify(text)}: ${problem}`, {
      hint: "compare with == null first, or with a value of the same kind",
    });
  const holds = (params: Params): boolean | undefined => {
    try {
      const worth = part(params);
      if (worth === undefined || typeof worth === "boolean") return worth;
    } catch (error) {
      throw error instanceof OperandProblem ? wrong(error.message) : error;
    }
    throw wrong("it is a value and no condition, expected a comparison");
  };
  return { text, names: [...parser.names], holds };
}

const DEEPEST = 100;

/** Reads by descent, each level a precedence, and makes one function of what it read. */
class Parser {
  readonly names = new Set<string>();
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(readonly text: string, readonly typed: boolean) {
    this.#tokens = tokensOf(text);
  }

  whole(): Part {
    const part = this.#either();
    if (this.#next.kind !== "end") throw this.#unexpected("and, or, or a comparison");
    return part;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  /** Goes on when the next word is one of these signs. */
  #take(...signs: string[]): string | undefined {
    const { kind, text } = this.#next;
    if (kind !== "sign" || !signs.includes(text)) return undefined;
    this.#at++;
    return text;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw this.#unexpected(sign);
  }

  #unexpected(expected: string): ConfigError {
    const { text, at } = this.#next;
    return cannotRead(this.text, at, `found ${text}, expected ${expected}`);
  }

  #either(): Part {
    let part = this.#both();
    while (this.#take("or")) part = decided(part, this.#both(), true);
    return part;
  }

  #both(): Part {
    let part = this.#negation();
    while (this.#take("and")) part = decided(part, this.#negation(), false);
    return part;
  }

  #negation(): Part {
    if (!this.#take("not")) return this.#comparison();
    const part = this.#inside(() => this.#negation());
    return (params) => {
      const worth = truth(part(params));
      return worth === undefined ? undefined : !worth;
    };
  }

  #comparison(): Part {
    let left = this.#sum();
    let whole: Part | undefined;
    for (;;) {
      const sign = this.#take("==", "!=", "<", "<=", ">", ">=", "in", "not");
      if (!sign) return whole ?? left;
      if (sign === "not") this.#expect("in");
      const right = this.#sum();
      const one = compared(sign, left, right, this.typed);
      whole = whole ? decided(whole, one, false) : one;
      left = right;
    }
  }

  #sum(): Part {
    let part = this.#product();
    for (;;) {
      const sign = this.#take("+", "-");
      if (!sign) return part;
      part = combined(ARITHMETIC[sign]!, part, this.#product());
    }
  }

  #product(): Part {
    let part = this.#signed();
    for (;;) {
      const sign = this.#take("*", "/", "%");
      if (!sign) return part;
      part = combined(ARITHMETIC[sign]!, part, this.#signed());
    }
  }

  #signed(): Part {
    const inner = () => this.#inside(() => this.#signed());
    if (this.#take("-")) return combined(ARITHMETIC["-"]!, () => 0, inner());
    const base = this.#atom();
    return this.#take("**") ? combined(ARITHMETIC["**"]!, base, inner()) : base;
  }

  /** Reads a part inside another, not deeper than the stack allows. */
  #inside(read: () => Part): Part {
    if (++this.#depth > DEEPEST) {
      throw cannotRead(this.text, this.#next.at, "it is nested too deeply");
    }
    const part = read();
    this.#depth--;
    return part;
  }

  #atom(): Part {
    const token = this.#next;
    if (this.#take("(")) {
      const part = this.#inside(() => this.#either());
      this.#expect(")");
      return part;
    }
    if (this.#take("[")) {
      const items = this.#listed("]");
      return (params) => known(items.map((item) => item(params)));
    }
    if (token.kind === "sign" || token.kind === "end") throw this.#unexpected("a value");
    this.#at++;
    if (token.kind === "number") return always(Number(token.text));
    if (token.kind === "text") return always(token.text);
    return this.#named(token);
  }

  #named({ text: name, at }: Token): Part {
    const quoted = this.text[at] === "`";
    if (!quoted && /^(?:true|false|null)$/i.test(name)) {
      return always(JSON.parse(name.toLowerCase()));
    }
    if (!quoted && name === "None") return always(null);
    if (!quoted && this.#take("(")) return this.#call(name, at);
    this.names.add(name);
    if (!name.includes(".")) {
      return (params) => Object.hasOwn(params, name) ? params[name] ?? undefined : undefined;
    }
    return (params) => paramAt(params, name) ?? undefined;
  }

  #call(name: string, at: number): Part {
    const given = this.#listed(")");
    if (!Object.hasOwn(FUNCTIONS, name)) {
      const names = Object.keys(FUNCTIONS).join(", ");
      throw cannotRead(this.text, at, `${name}() is not known, expected one of ${names}`);
    }
    if (given.length === 0) throw cannotRead(this.text, at, `${name}() is given nothing`);
    return (params) => {
      const values = known(given.map((part) => part(params)));
      return values && call(name, values);
    };
  }

  #listed(close: string): Part[] {
    const items: Part[] = [];
    while (!this.#take(close)) {
      items.push(this.#inside(() => this.#either()));
      if (this.#take(close)) break;
      this.#expect(",");
    }
    return items;
  }
}

const NOTHING: Part = () => null;

function always(value: ParamValue): Part {
  return value === null ? NOTHING : () => value;
}

/** All values, or unknown when one is. */
function known(values: Worth[]): ParamValue[] | undefined {
  return values.includes(undefined) ? undefined : values as ParamValue[];
}

function combined(operator: Operator, left: Part, right: Part): Part {
  return (params) => {
    const [a, b] = [left(params), right(params)];
    return a === undefined || b === undefined ? undefined : operator(a, b);
  };
}

function compared(sign: string, left: Part, right: Part, typed: boolean): Part {
  if (sign === "in") return combined(within, left, right);
  if (sign === "not") return combined((a, b) => !within(a, b), left, right);
  if (Object.hasOwn(ORDER, sign)) return combined(ORDER[sign]!, left, right);
  const equal = sign === "==";
  if (left === NOTHING || right === NOTHING) {
    return (params) => ((left(params) ?? null) === (right(params) ?? null)) === equal;
  }
  const equality = typed ? (a: ParamValue, b: ParamValue) => sameKind(sign, a, b) : same;
  return combined((a, b) => equality(a, b) === equal, left, right);
}

/** `and` (decided by false) or `or` (decided by true), where unknown is neither. */
function decided(left: Part, right: Part, decisive: boolean): Part {
  return (params) => {
    const first = truth(left(params));
    if (first === decisive) return decisive;
    const second = truth(right(params));
    return second === decisive ? decisive : first === undefined ? undefined : second;
  };
}

function truth(worth: Worth): boolean | undefined {
  if (worth === undefined || typeof worth === "boolean") return worth;
  throw new OperandProblem(`and, or, not need conditions, found ${JSON.stringify(worth)}`);
}
