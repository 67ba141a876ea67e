import { UsageError } from "../core/errors.ts";

const PLAIN = /^[A-Za-z0-9_.\/:=@%+,-]+$/;
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;
const ESCAPED = /['\\]|[^\x20-\x7e]+/g;
const NAMED: Record<string, string> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };

/**
 * Writes `text` as one word of bash, always on one line, that gives back exactly its UTF-8 bytes, in
 * every version and locale: as it is, in single quotes, or with control characters as `$'…\n…'`.
 * It is meant for arguments and values, not for the name of a command.
 *
 * @throws {UsageError} on a NUL or half a surrogate pair, which no argument of a program can hold.
 *
 * @example
 * ```ts
 * import { quote } from "@expflow/cli";
 *
 * const command = ["python", "train.py", "--note", "it's 5 %"].map(quote).join(" ");
 * if (command !== String.raw`python train.py --note 'it'\''s 5 %'`) throw new Error(command);
 * ```
 */
export function quote(text: string): string {
  if (text.includes("\0") || !text.isWellFormed()) {
    const found = text.includes("\0") ? "a NUL character" : "half a surrogate pair";
    throw new UsageError(`Cannot pass ${JSON.stringify(text)} to a program: it holds ${found}`, {
      hint: "put such a value into a file, and pass its path",
    });
  }
  if (PLAIN.test(text)) return text;
  if (!CONTROL.test(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  return `$'${text.replaceAll(ESCAPED, escape)}'`;
}

/**
 * The same for a path, where a leading `~/` stands for the home folder of whoever runs the script.
 *
 * @throws {UsageError} on a path with `$`, which would not be expanded.
 */
export function quotePath(path: string): string {
  if (path.includes("$")) {
    throw new UsageError(`Cannot use the path ${JSON.stringify(path)}: it holds "$"`, {
      hint: "variables are not expanded in paths: write the whole path, or start it with ~/",
    });
  }
  return path.startsWith("~/") ? `~/${path.length > 2 ? quote(path.slice(2)) : ""}` : quote(path);
}

function escape(found: string): string {
  if (found === "'" || found === "\\") return `\\${found}`;
  return Array.from(found, (character) => NAMED[character] ?? hexadecimal(character)).join("");
}

function hexadecimal(character: string): string {
  return Array.from(
    new TextEncoder().encode(character),
    (byte) => `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}
