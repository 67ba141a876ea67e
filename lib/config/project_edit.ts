import { ConfigError, UsageError } from "../core/errors.ts";
import type { Scalar } from "yaml";
import { type ScalarNode, toValue } from "./located.ts";
import { readProject } from "./project.ts";
import { resolvePlain } from "./scalars.ts";
import { parseValue } from "./values.ts";

/**
 * The text of a `.hpc_config.yaml` with one value set (`account`, `local.cpus`,
 * `defaults.resources.time`), or with `null` removed. Comments survive; where a value is only
 * exchanged, everything else stays byte for byte.
 *
 * @throws {UsageError} when the key or the value is not one of the file's.
 */
export async function setProjectValue(text: string, key: string, value: string): Promise<string> {
  readProject(text, ".hpc_config.yaml");
  const edited = await edit(text, key.split("."), valueOf(value));
  try {
    readProject(edited, ".hpc_config.yaml");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const reason = error.message.replace(/^\S+: (?:Cannot use [\w.]+: )?/, "");
    throw new UsageError(`Cannot set ${key}: ${reason}`, { hint: error.hint });
  }
  return edited;
}

/** A number with leading zeros is an account or a name: it stays as it is written. */
function valueOf(text: string): unknown {
  return /^[-+]?0\d/.test(text) ? text : toValue(parseValue(text, { source: "value" }));
}

async function edit(text: string, path: string[], value: unknown): Promise<string> {
  const { isScalar, parseDocument } = await import("yaml");
  const document = parseDocument(text);
  const before = document.getIn(path, true);
  if (value === null) {
    if (before === undefined) return text;
    document.deleteIn(path);
  } else if (isScalar(before) && typeof value !== "object" && before.range) {
    return spliced(text, before, value as ScalarNode["value"]);
  } else if (before === undefined && path.length === 1 && typeof value !== "object") {
    const end = text === "" || text.endsWith("\n") ? "" : "\n";
    return `${text}${end}${path[0]}: ${written(value as ScalarNode["value"])}\n`;
  } else {
    document.setIn(path, document.createNode(value));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function spliced(text: string, { range }: Scalar, value: ScalarNode["value"]): string {
  const [start, end] = range!;
  if (start < end) return text.slice(0, start) + written(value) + text.slice(end);
  const key = text.slice(0, start).trimEnd();
  return `${key} ${written(value)}${text.slice(key.length)}`;
}

/** A scalar on one line: plain where that reads back the same anywhere, else in double quotes. */
function written(value: ScalarNode["value"]): string {
  if (typeof value !== "string") return String(value);
  const plain = /^[A-Za-z0-9_.\/~@+-]+$/.test(value) && resolvePlain(value) === value;
  return plain && !/^[-~@]/.test(value) ? value : JSON.stringify(value);
}
