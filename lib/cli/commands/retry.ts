import type { Command } from "@commander-js/extra-typings";
import { ExitCode } from "../../core/errors.ts";
import { parseRunReference } from "../../core/ids.ts";
import { reportLines } from "../../manager/keep_going.ts";
import { retry, type RetryReport } from "../../manager/retry.ts";
import { openForCommand } from "../open.ts";
import { TO_OPTION } from "../options.ts";
import type { CommandPorts } from "../registry.ts";

/** Runs that are listed one by one. */
const SHOWN = 20;

/** `expflow retry ID[/run] [--failed] [--dry-run]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment, or one run as ID/run")
    .option("--failed", "every failed run, unchanged where `retry:` has no rule for it")
    .option(TO_OPTION[0], "queue, local or slurm, in the place of the one they ran on")
    .option("--dry-run", "say what would be retried, and do nothing")
    .action(async (text, { failed, dryRun, to }) => {
      const project = await openForCommand(ports, { to });
      const { experiment, run } = parseRunReference(text);
      const report = await retry(project, experiment, { run, failed, dryRun });
      if (report.problems.length > 0) ports.exitWith(ExitCode.scheduler);
      if (ports.globals().json) return ports.context.out(`${JSON.stringify(report)}\n`);
      tell(ports, report);
    });
}

function tell({ context }: CommandPorts, report: RetryReport): void {
  const { id, left } = report;
  const lines = reportLines(report);
  for (const line of lines) context.out(`${id}: ${line}\n`);
  if (lines.length === 0) context.out(`${id}: nothing to retry\n`);
  for (const { run, why } of left.slice(0, SHOWN)) {
    context.err(`not retried: run ${run}: ${why}\n`);
  }
  if (left.length > SHOWN) context.err(`… and ${left.length - SHOWN} more (--json lists them)\n`);
}
