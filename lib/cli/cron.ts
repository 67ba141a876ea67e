import { UsageError } from "../core/errors.ts";
import type { Project } from "../manager/project.ts";
import { quote } from "../script/quote.ts";
import { invocationWords } from "./invocation.ts";
import type { CommandPorts } from "./registry.ts";

/** How often such a line does it. */
export const EVERY_MINUTES = 5;

/** The line of a crontab that runs a command of this project, with its end. */
export function cronLineOf(
  { context }: CommandPorts,
  { layout }: Project,
  command: readonly string[],
): string {
  const words = [...invocationWords(), "--project", layout.root, ...command];
  return `${cronLine(words, context.env("PATH") ?? "/usr/bin:/bin")}\n`;
}

/**
 * A line that works without a login shell: cron has another folder and PATH, mails what is printed,
 * and takes `%` for the end of the line unless a backslash is before it.
 *
 * @throws {UsageError} where a path holds control characters, which sh cannot quote.
 */
export function cronLine(words: readonly string[], path: string): string {
  const command = ["env", `PATH=${path}`, ...words].map(quote);
  const unfit = command.find((word) => word.startsWith("$'"));
  if (unfit !== undefined) {
    throw new UsageError(`Cannot write ${unfit} into a crontab: it holds control characters`, {
      hint: "move the project to a folder without them",
    });
  }
  return `*/${EVERY_MINUTES} * * * * ${command.join(" ").replaceAll("%", "\\%")} >/dev/null`;
}
