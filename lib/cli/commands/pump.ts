import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../core/errors.ts";
import { pump, type PumpOutcome } from "../../manager/pump.ts";
import { reportLines } from "../../manager/keep_going.ts";
import { quote } from "../../script/quote.ts";
import { invocationWords } from "../invocation.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { tellWaiting } from "../tell_submission.ts";

const EVERY_MINUTES = 5;

/** `expflow pump [ID…]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("[ids...]", "experiments; all that were submitted without one")
    .option(
      "--cron",
      `print a line for crontab or scrontab that does it every ${EVERY_MINUTES} minutes`,
    )
    .action(async (ids, options) => {
      const project = await openForCommand(ports);
      if (options.cron) {
        const words = [...invocationWords(), "--project", project.layout.root, "pump", ...ids];
        const path = ports.context.env("PATH") ?? "/usr/bin:/bin";
        return ports.context.out(`${cronLine(words, path)}\n`);
      }
      const outcomes = await pump(project, ids.length > 0 ? ids : undefined);
      if (ports.globals().json) return ports.context.out(`${JSON.stringify(outcomes)}\n`);
      for (const outcome of outcomes) tell(ports, outcome);
    });
}

function tell(ports: CommandPorts, { id, jobs, waiting, retries }: PumpOutcome): void {
  const lines = retries ? reportLines(retries) : [];
  for (const line of lines) ports.context.out(`${id}: ${line}\n`);
  if (jobs.length > 0) ports.context.out(`${id}: submitted ${jobs.length} jobs\n`);
  else if (!waiting && lines.length === 0) ports.context.out(`${id}: nothing waits\n`);
  if (waiting) tellWaiting(ports, id, waiting);
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
