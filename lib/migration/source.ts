import { scanBash } from "../script/bash_scanner.ts";

/** A batch script, read as text. */
export interface Source {
  /** Without the carriage returns of DOS. */
  text: string;
  hadDosBreaks: boolean;
  /** Words of the first line behind `#!`; absent where there is none. */
  shebang?: string[];
}

/** One command line of a script: continued lines and here-documents are whole. */
export interface Statement {
  /** Its first line, from 1. */
  line: number;
  text: string;
}

/** Reads a script's first line and its line breaks. */
export function readSource(script: string): Source {
  const text = script.replace(/^\uFEFF/, "").replaceAll(/\r+\n/g, "\n").replace(/\n*$/, "\n");
  const [, words] = /^#!\s*(.*)/.exec(text) ?? [];
  return {
    text,
    hadDosBreaks: /\r\n/.test(script),
    ...words === undefined ? {} : { shebang: words.trim().split(/\s+/) },
  };
}

/** Whether a line is blank or a comment. */
export function isComment(text: string): boolean {
  return /^\s*(#|$)/.test(text);
}

/** Cuts a text of bash at its line breaks, but for those in quotes and here-documents. */
export function statementsOf(text: string, firstLine = 1): Statement[] {
  const { quoting } = scanBash(text);
  const found: Statement[] = [];
  let [start, line] = [0, firstLine];
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== "\n") continue;
    const ends = quoting[at] === "plain" ? quoting[at + 1] !== "heredoc" : (
      quoting[at] === "heredoc" && quoting[at + 1] !== "heredoc"
    );
    if (!ends) continue;
    const piece = text.slice(start, at);
    found.push({ line, text: piece });
    line += piece.split("\n").length;
    start = at + 1;
  }
  if (start < text.length) found.push({ line, text: text.slice(start) });
  return found;
}
