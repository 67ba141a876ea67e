import { ConfigError } from "../core/errors.ts";
import { scanBash } from "../script/bash_scanner.ts";
import type { Statement } from "./source.ts";

const MEANT = /(?<!\$)\{(?:(?:params|run|code)\.[^\s{}"'`$\\;&|<>()#]+|seed|experiment|args)\}/g;
const APART: Record<string, string> = { double: '{""', single: "{''" };

/**
 * Writes what expflow would take for a placeholder, such as `{seed}`, so that bash still gets it.
 *
 * @throws {ConfigError} where it cannot be written in another way.
 */
export function withoutPlaceholders(statements: readonly Statement[]): Statement[] {
  return statements.map(({ line, text }) => {
    const { quoting } = scanBash(text);
    const changed = text.replaceAll(MEANT, (found, at: number) => {
      const quoted = quoting[at]!;
      if (quoted === "comment" || quoted === "escaped") return found;
      if (quoted === "plain") return `\\${found}`;
      if (APART[quoted]) return `${APART[quoted]}${found.slice(1)}`;
      throw new ConfigError(
        `Cannot keep line ${
          line + lineBreaks(text, at)
        }: expflow would fill ${found} in, inside a here-document`,
        { hint: "put that program into a file of its own, and call it" },
      );
    });
    return { line, text: changed };
  });
}

function lineBreaks(text: string, end: number): number {
  return text.slice(0, end).split("\n").length - 1;
}
