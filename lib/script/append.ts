import { ConfigError } from "../core/errors.ts";
import type { BashScan } from "./bash_scanner.ts";

/** Not meant to take the parameters when they come after other commands. */
const SILENT = new Set(
  ("echo printf date touch true false sleep wait exit return rm cp mv mkdir cat tee ls pwd sync cd" +
    " source export unset set module conda : .").split(" "),
);
const CLOSING = /^(?:done|fi|esac|\}|\]\]|\))$/;

/**
 * Makes sure that what follows the last word of a command becomes an argument of the program meant:
 * the last command must be one that takes parameters, and none that a pipe feeds.
 *
 * @throws {ConfigError} otherwise, with a hint to say the place with `{args}`.
 */
export function checkAppendable(command: string, { quoting, last }: BashScan): void {
  const refuse = (what: string) => {
    throw new ConfigError(`Cannot append the parameters to the command: ${what}`, {
      hint: "write {args} where they belong, or set args: none",
    });
  };
  const ending = quoting.at(-1);
  if (ending === "comment") refuse("it ends with a comment");
  if (ending === "heredoc") refuse("it ends with a here-document");
  if (/(?<!\\)(?:\\\\)*\\$/.test(command)) refuse("it ends with a backslash");
  const words = command.slice(last.start).trim().split(/\s+/);
  if (words[0] === "") refuse(`it ends with ${last.operator}`);
  if (last.operator.startsWith("|")) refuse(`its last part is "${last.operator} ${words[0]} …"`);
  const program = words.find((word) => !/^\w+=/.test(word));
  if (program === undefined) refuse("its last line runs no program");
  if (CLOSING.test(words[0]!) || CLOSING.test(words.at(-1)!) || ending === "arithmetic") {
    refuse(`it ends with "${words.at(-1)}"`);
  }
  if (/^[({]|\($/.test(program!) || (last.operator !== "" && SILENT.has(program!))) {
    refuse(`its last part runs ${program}, which takes none`);
  }
}
