import type { Command } from "@commander-js/extra-typings";
import { ExitCode } from "../../core/errors.ts";
import { killItems, type Unanswered } from "../../manager/queue_kill.ts";
import { untilInterrupted } from "../interrupt.ts";
import { openForCommand } from "../open.ts";
import { readWait } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { heardOf, ITEM_ARGUMENT, named } from "./items.ts";

/** `expflow queue kill ITEM` */
export function defineKill(command: Command, ports: CommandPorts): void {
  command
    .description("cancel runs, and wait until their processes are gone")
    .argument(...ITEM_ARGUMENT)
    .option(
      "--patience <time>",
      "how long to wait for workers, as 30s; a minute unless told",
      readWait,
    )
    .action(async (text, { patience }) => {
      const project = await openForCommand(ports);
      const report = await untilInterrupted(
        "Stopped waiting; the runs are cancelled all the same",
        `\`expflow queue show ${text}\` shows how they stand`,
        (signal) => killItems(project, text, { patience, signal }),
      );
      const { killed, otherwise, unanswered } = report;
      if (unanswered.length + otherwise.length > 0) ports.exitWith(ExitCode.failed);
      const { context } = ports;
      if (ports.globals().json) return context.out(`${JSON.stringify(report)}\n`);
      if (killed.length > 0) context.out(`killed: ${named(killed)}\n`);
      for (const { item, state } of otherwise) {
        context.err(`warning: ${item} was not killed: it is ${state.replaceAll("_", " ")}\n`);
      }
      for (const one of unanswered) context.err(`warning: ${unansweredText(one)}\n`);
      if (unanswered.length > 0) {
        context.err("hint: `expflow queue recover` takes runs from workers that are gone\n");
      }
    });
}

function unansweredText({ item, worker, silent }: Unanswered): string {
  if (worker === undefined) return `${item} is not over yet`;
  const heard = heardOf(silent);
  return `${item} is not over yet: nobody has answered; its worker ${worker} was heard of ${heard}`;
}
