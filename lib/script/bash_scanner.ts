/** How bash reads a character of a script. */
export type Quoting =
  | "plain"
  | "escaped"
  | "single"
  | "double"
  | "ansi"
  | "arithmetic"
  | "comment"
  | "heredoc";

/** A script of bash, read far enough to know how each of its characters is quoted. */
export interface BashScan {
  /** Of each character (UTF-16 unit) of the text. */
  quoting: Quoting[];
  /** What was still open at the end: `'`, `"`, `$(`, `${`, …; absent when nothing was. */
  unclosed?: string;
  /** The operator before the last command of the top level (empty for the first), and its place. */
  last: { operator: string; start: number };
}

const OPERATOR = /\|\||&&|;;&|;;|;&|\|&|&>>|&>|[;&|]/y;
const KEYWORD = /[A-Za-z]+(?![^\s;&|()<>])/y;
const LEADING = new Set(["for", "if", "then", "elif", "else", "while", "until", "do", "time"]);

/**
 * Finds how each character of a command is quoted: quotes, substitutions nested in any way,
 * comments, here-documents. It does not check the grammar.
 */
export function scanBash(text: string): BashScan {
  const scanner = new Scanner(text);
  scanner.commands();
  return { quoting: scanner.quoting, unclosed: scanner.unclosed, last: scanner.last };
}

class Scanner {
  readonly quoting: Quoting[] = [];
  readonly last = { operator: "", start: 0 };
  unclosed?: string;
  #at = 0;
  #level = 0;
  #heredocs: { delimiter: string; tabs: boolean }[] = [];

  constructor(readonly text: string) {}

  /** Commands up to `end` (`)` or a backtick), or up to the end of the text. */
  commands(end?: ")" | "`", opened = ""): void {
    this.#level++;
    const open: ("(" | "case")[] = [];
    let wordStart = true;
    let first = true;
    while (!this.#ended) {
      const character = this.text[this.#at]!;
      if (character === end && (end === "`" || open.length === 0)) {
        this.#level--;
        return this.#take("plain");
      }
      const isTop = this.#level === 1 && open.length === 0;
      if (/[ \t\r]/.test(character)) {
        this.#take("plain");
        wordStart = true;
      } else if (character === "\n") {
        this.#newline();
        if (isTop) this.#separate("\n");
        wordStart = first = true;
      } else if (character === "#" && wordStart) {
        while (!this.#ended && this.text[this.#at] !== "\n") this.#take("comment");
      } else if (character === "(") {
        if (first && this.#startsWith("((")) this.#arithmetic(2);
        else {
          open.push("(");
          this.#take("plain");
        }
        wordStart = first = true;
      } else if (character === ")") {
        if (open.at(-1) === "(") open.pop();
        this.#take("plain");
        wordStart = first = true;
      } else if (/[;&|]/.test(character)) {
        const [operator] = this.#match(OPERATOR)!;
        this.#take("plain", operator.length);
        const redirects = operator.startsWith("&>") || /[<>]&$/.test(this.#before(2));
        if (!redirects) {
          if (isTop) this.#separate(operator);
          first = true;
        }
        wordStart = true;
      } else if (/[<>]/.test(character)) {
        this.#redirection();
        wordStart = true;
      } else {
        const keyword: string | undefined = wordStart && first
          ? this.#match(KEYWORD)?.[0]
          : undefined;
        if (keyword === "case") open.push("case");
        if (keyword === "esac" && open.at(-1) === "case") open.pop();
        first &&= wordStart && (character === "{" || character === "!" ||
          LEADING.has(keyword ?? ""));
        wordStart = false;
        if (keyword) this.#take("plain", keyword.length);
        else this.#piece();
      }
    }
    if (end) this.unclosed ??= opened;
    this.#level--;
  }

  /** A character of a word, or a whole quoted or substituted part of it. */
  #piece(inDouble = false): void {
    const character = this.text[this.#at]!;
    if (character === "\\") {
      this.#take(inDouble ? "double" : "plain");
      if (!this.#ended) this.#take(inDouble ? "double" : "escaped");
    } else if (character === '"') this.#double();
    else if (character === "'" && !inDouble) this.#until("'", "single");
    else if (this.#startsWith("$'") && !inDouble) this.#ansi();
    else if (this.#startsWith("$((")) this.#arithmetic(3);
    else if (this.#startsWith("$(")) {
      this.#take("plain", 2);
      this.commands(")", "$(");
    } else if (this.#startsWith("${")) this.#expansion(inDouble);
    else if (character === "`") {
      this.#take("plain");
      this.commands("`", "`");
    } else this.#take(inDouble ? "double" : "plain");
  }

  #double(): void {
    this.#take("double");
    while (!this.#ended && this.text[this.#at] !== '"') this.#piece(true);
    this.#close('"', "double");
  }

  #ansi(): void {
    this.#take("ansi", 2);
    while (!this.#ended && this.text[this.#at] !== "'") {
      this.#take("ansi", this.text[this.#at] === "\\" ? 2 : 1);
    }
    this.#close("$'", "ansi");
  }

  #until(end: string, quoting: Quoting): void {
    this.#take(quoting);
    while (!this.#ended && this.text[this.#at] !== end) this.#take(quoting);
    this.#close(end, quoting);
  }

  #expansion(inDouble: boolean): void {
    this.#take("plain", 2);
    while (!this.#ended && this.text[this.#at] !== "}") {
      if (inDouble && this.text[this.#at] === "'") this.#take("plain");
      else this.#piece();
    }
    this.#close("${", "plain");
  }

  #arithmetic(opening: number): void {
    this.#take("arithmetic", opening);
    for (let depth = 2; depth > 0 && !this.#ended;) {
      const character = this.text[this.#at]!;
      if (character === "(") depth++;
      if (character === ")") depth--;
      if (/["'$`\\]/.test(character)) this.#piece();
      else this.#take("arithmetic");
      if (this.#ended && depth > 0) this.unclosed ??= "((";
    }
  }

  #redirection(): void {
    const here = this.#match(/<<(-?)(?!<)[ \t]*/y);
    if (here && !this.#startsWith("<<<")) {
      this.#take("plain", here[0].length);
      const start = this.#at;
      while (!this.#ended && !/[\s;&|<>()]/.test(this.text[this.#at]!)) this.#piece();
      const delimiter = this.text.slice(start, this.#at).replaceAll(/\\(.)|["']|\$(?=["'])/g, "$1");
      this.#heredocs.push({ delimiter, tabs: here[1] === "-" });
    } else if (this.#match(/[<>]\(/y)) {
      this.#take("plain", 2);
      this.commands(")", this.#before(2));
    } else this.#take("plain", this.#match(/<<<|[<>]+/y)![0].length);
  }

  #newline(): void {
    this.#take("plain");
    for (const { delimiter, tabs } of this.#heredocs.splice(0)) {
      while (!this.#ended) {
        const [line] = this.#match(/.*\n?/y)!;
        this.#take("heredoc", line.length);
        const content = line.replace(/\n$/, "");
        if ((tabs ? content.replace(/^\t+/, "") : content) === delimiter) break;
      }
    }
  }

  /** A command of the top level has ended; blank lines and line breaks after `|` end nothing. */
  #separate(operator: string): void {
    const between = this.text.slice(this.last.start, this.#at - operator.length);
    if (operator === "\n" && between.trim() === "") return;
    this.last.operator = operator;
    this.last.start = this.#at;
  }

  #take(quoting: Quoting, count = 1): void {
    for (let i = 0; i < count && !this.#ended; i++) this.quoting[this.#at++] = quoting;
  }

  #close(opened: string, quoting: Quoting): void {
    if (this.#ended) this.unclosed ??= opened;
    this.#take(quoting);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.text);
  }

  #startsWith(text: string): boolean {
    return this.text.startsWith(text, this.#at);
  }

  #before(count: number): string {
    return this.text.slice(Math.max(0, this.#at - count), this.#at);
  }

  get #ended(): boolean {
    return this.#at >= this.text.length;
  }
}
