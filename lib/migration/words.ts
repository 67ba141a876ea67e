import { quote, quotePath } from "../script/quote.ts";

/** Variables that a path may begin with: expflow writes them out when it submits. */
export const PATH_VARIABLES: ReadonlySet<string> = new Set(["HOME", "SCRATCH"]);
const NONE: ReadonlySet<string> = new Set();
const MEANT = /[$`;|&<>(){}*?\[\]!]/;

/**
 * The words of a simple command, as bash would make them; nothing where bash would do more than to
 * remove quotes: expand, redirect, chain. The variables of `allowed` stay, as `$NAME`.
 */
export function plainWords(
  text: string,
  allowed: ReadonlySet<string> = NONE,
): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === "\\") {
      if (text[++at] === "\n") continue;
      if (text[at] === "$" && allowed.size > 0) return undefined;
      word = (word ?? "") + (text[at] ?? "");
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "#" && word === undefined) {
      at = text.indexOf("\n", at);
      if (at < 0) break;
    } else if (character === "'") {
      const end = text.indexOf("'", at + 1);
      const inner = text.slice(at + 1, end);
      if (end < 0 || inner.includes("$") && allowed.size > 0) return undefined;
      word = (word ?? "") + inner;
      at = end;
    } else if (character === '"') {
      const inner = doubleQuoted(text, at + 1, allowed);
      if (!inner) return undefined;
      word = (word ?? "") + inner.text;
      at = inner.end;
    } else if (character === "$") {
      const variable = variableAt(text, at, allowed);
      if (!variable) return undefined;
      word = (word ?? "") + variable.text;
      at = variable.end;
    } else if (MEANT.test(character) || character === "~" && word !== undefined) return undefined;
    else if (character === "~" && !/[\s/]/.test(text[at + 1] ?? " ")) return undefined;
    else word = (word ?? "") + character;
  }
  return word === undefined ? words : [...words, word];
}

function doubleQuoted(text: string, from: number, allowed: ReadonlySet<string>) {
  let found = "";
  for (let at = from; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') return { text: found, end: at };
    if (character === "`") return undefined;
    if (character === "\\") {
      const next = text[++at] ?? "";
      if (next === "$" && allowed.size > 0) return undefined;
      if (next !== "\n") found += /[$`"\\]/.test(next) ? next : `\\${next}`;
    } else if (character === "$") {
      const variable = variableAt(text, at, allowed);
      if (!variable) return undefined;
      found += variable.text;
      at = variable.end;
    } else found += character;
  }
  return undefined;
}

function variableAt(text: string, at: number, allowed: ReadonlySet<string>) {
  const match = /^\$(?:\{(\w+)\}|(\w+))/.exec(text.slice(at));
  const name = match?.[1] ?? match?.[2];
  if (!match || !allowed.has(name!)) return undefined;
  const end = at + match[0].length - 1;
  return { text: /\w/.test(text[end + 1] ?? "") ? `\${${name}}` : `$${name}`, end };
}

/** Words of {@linkcode plainWords} as bash takes them, their variables still variables. */
export function joined(words: readonly string[]): string {
  return words.map((word) => {
    if (word.includes("$")) return `"${word.replaceAll(/[\\"`]/g, "\\$&")}"`;
    return word.startsWith("~/") ? quotePath(word) : quote(word);
  }).join(" ");
}
