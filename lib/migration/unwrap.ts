import { isComment, statementsOf } from "./source.ts";
import { plainWords } from "./words.ts";

/** A script that only calls `sbatch --wrap`, as the script that sbatch makes of it. */
export interface Unwrapped {
  script: string;
  /** Lines of the call, from 1. */
  first: number;
  last: number;
}

/** Reads a call of `sbatch … --wrap=COMMAND`; nothing where the script does anything else. */
export function unwrap(text: string): Unwrapped | undefined {
  const commands = statementsOf(text).filter((statement) => !isComment(statement.text));
  const [only] = commands;
  if (commands.length !== 1 || !only) return undefined;
  const words = plainWords(only.text);
  if (words?.[0] !== "sbatch") return undefined;
  const at = words.findIndex((word) => /^--wrap(=|$)/.test(word));
  if (at < 0) return undefined;
  const attached = words[at]!.startsWith("--wrap=");
  const command = attached ? words[at]!.slice("--wrap=".length) : words[at + 1];
  const options = [...words.slice(1, at), ...words.slice(at + (attached ? 1 : 2))];
  if (!command) return undefined;
  const directive = options.map((word) => `"${word.replaceAll(/[\\"]/g, "\\$&")}"`).join(" ");
  return {
    script: `#!/bin/bash\n#SBATCH ${directive}\n${command}\n`,
    first: only.line,
    last: only.line + only.text.split("\n").length - 1,
  };
}
