import { eachLine } from "../lines.ts";
import { scalarFromText } from "../scalars.ts";
import { Problems } from "./problems.ts";
import type { Reader } from "./reader.ts";

/**
 * Values picked out of a log by regular expressions with one group, line by line; what one line
 * holds is one row. A carriage return ends a line too: a progress bar is many lines.
 */
export const regexReader: Reader = {
  format: "regex",
  usual: [],
  series: true,
  read(file, sink) {
    const problems = new Problems(file.name);
    const patterns = compile(file.patterns, problems);
    const unseen = new Set(patterns.keys());
    eachLine(file.path, ({ number, text, tooLong }) => {
      if (tooLong) return problems.add("is longer than 16 MiB; left out", number);
      for (const line of text.split("\r")) {
        const row = matchesIn(line, patterns);
        for (const metric of row.keys()) unseen.delete(metric);
        if (row.size > 0) sink.row(Object.fromEntries(row));
      }
    });
    for (const metric of unseen) problems.add(`nothing matches the pattern of ${metric}`);
    return problems.list();
  },
};

function matchesIn(line: string, patterns: Map<string, RegExp>): Map<string, unknown> {
  const row = new Map<string, unknown>();
  for (const [metric, pattern] of patterns) {
    for (const match of line.matchAll(pattern)) {
      const value = scalarFromText(match[1] ?? "");
      if (value !== undefined) row.set(metric, value);
    }
  }
  return row;
}

function compile(patterns: Record<string, string>, problems: Problems): Map<string, RegExp> {
  const compiled = new Map<string, RegExp>();
  for (const [metric, source] of Object.entries(patterns)) {
    try {
      const pattern = new RegExp(source, "g");
      const groups = new RegExp(`${source}|`).exec("")!.length - 1;
      if (groups >= 1) compiled.set(metric, pattern);
      else problems.add(`the pattern of ${metric} has no group, as in "acc: ([0-9.]+)"`);
    } catch {
      problems.add(`the pattern of ${metric} is no regular expression`);
    }
  }
  return compiled;
}
