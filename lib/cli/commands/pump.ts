import type { Command } from "@commander-js/extra-typings";
import { pump, type PumpOutcome } from "../../manager/pump.ts";
import { reportLines } from "../../manager/keep_going.ts";
import { cronLineOf, EVERY_MINUTES } from "../cron.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { tellWaiting } from "../tell_submission.ts";

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
        return ports.context.out(cronLineOf(ports, project, ["pump", ...ids]));
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
