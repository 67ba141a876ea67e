import { ConfigError, UsageError } from "../core/errors.ts";
import { fromValue, type Node, type Origin, toValue } from "./located.ts";
import { numberProblem, resolvePlain } from "./scalars.ts";
import { parseYaml } from "./yaml.ts";

/**
 * Reads a value of the command line: what starts with `[`, `{` or a quote is YAML, anything else
 * one plain scalar, whatever characters it holds.
 *
 * @throws {UsageError} when it cannot be read.
 */
export function parseValue(text: string, at: Origin): Node {
  if (/^[[{"']/.test(text)) return fromValue(toValue(readFlow(text)), at);
  const value = text === "" ? "" : resolvePlain(text);
  const problem = numberProblem(value, text);
  if (problem) throw cannotRead(text, `${problem}; quote it to keep the text`);
  return { kind: "scalar", at, value, text };
}

function readFlow(text: string): Node {
  try {
    return parseYaml(text, "value");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const reason = error.message.replace(/^value:\d+:(\d+): (?:Cannot read the YAML: )?/, "");
    throw cannotRead(text, reason.replace(/, in ".*$/, ""));
  }
}

function cannotRead(text: string, reason: string): UsageError {
  return new UsageError(`Cannot read the value ${JSON.stringify(text)}: ${reason}`, {
    hint: "write a number, true, a word, 'a text', [a, list] or {a: mapping}",
  });
}

/** Without the keys that have no value, so that it equals its own JSON. */
export function defined<Value extends object>(value: Value): Value {
  return Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined),
  ) as Value;
}
