import type { ParamValue } from "../core/params.ts";
import { typed } from "./array.ts";
import { isComment, type Statement } from "./source.ts";
import { plainWords } from "./words.ts";

/** A loop over values at the end of a script. */
export interface Loop {
  line: number;
  name: string;
  values: ParamValue[];
  before: Statement[];
  /** What is repeated, without its indentation. */
  inner: Statement[];
}

const FOR = /^for\s+([A-Za-z_]\w*)\s+in\s+(.+?)\s*(?:;\s*do)?$/;

/** The loop over values that a script ends with, if its values can be told without running it. */
export function readLoop(rest: readonly Statement[]): Loop | undefined {
  const end = rest.findLastIndex(({ text }) => !isComment(text));
  const start = rest.findIndex(({ text }) => FOR.test(text));
  if (start < 0 || end <= start || rest[end]!.text !== "done") return undefined;
  const [, name = "", list = ""] = FOR.exec(rest[start]!.text)!;
  const values = valuesOf(list);
  let inner = rest.slice(start + 1, end);
  if (!/;\s*do$/.test(rest[start]!.text)) {
    if (inner[0]?.text.trim() !== "do") return undefined;
    inner = inner.slice(1);
  }
  const leaves = /\b(?:break|continue)\b|^done\b/;
  if (!values || inner.some(({ text }) => leaves.test(text))) return undefined;
  const indents = inner.filter(({ text }) => text.trim() !== "").map(({ text }) =>
    /^[ \t]*/.exec(text)![0].length
  );
  const indent = Math.min(...indents, 80);
  const body = inner.map(({ line, text }) => ({ line, text: text.slice(indent) }));
  return {
    line: rest[start]!.line,
    name,
    values,
    before: rest.slice(0, start),
    inner: body,
  };
}

function valuesOf(list: string): ParamValue[] | undefined {
  const range = /^\{(-?\d+)\.\.(-?\d+)\}$/.exec(list) ?? /^\$\(seq (-?\d+) (-?\d+)\)$/.exec(list) ??
    /^\$\(seq ()(\d+)\)$/.exec(list);
  if (!range) return plainWords(list)?.map(typed);
  const [first, last] = [Number(range[1] || 1), Number(range[2])];
  if (last < first || last - first > 10_000) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
