import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../core/errors.ts";
import { checkId } from "../../core/ids.ts";
import { extendSweep } from "../../manager/extend.ts";
import { previewSweep } from "../../manager/sweep.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { tellExtension, tellSweep } from "../tell_sweep.ts";

/** `expflow sweep preview|extend ID` */
export function define(command: Command, ports: CommandPorts): void {
  command.command("preview")
    .description("show the runs of a sweep, what is left out and why, and what it costs at most")
    .argument("<id>", "an experiment")
    .option("--first <n>", "number of runs to show", wholeNumber, 10)
    .action(async (id, { first }) => {
      const project = await openForCommand(ports);
      tellSweep(ports, await previewSweep(project, checkId(id, "an experiment id"), first));
    });
  command.command("extend")
    .description("add values to the sweep in the experiment's file; the runs it has stay")
    .argument("<id>", "an experiment")
    .requiredOption("--sweep <line>", 'values to add, as "lr=0.001 seed=5,6"')
    .option("--dry-run", "say what would be added, and write nothing")
    .action(async (id, { sweep, dryRun = false }) => {
      const project = await openForCommand(ports);
      const options = { dryRun };
      const extension = await extendSweep(project, checkId(id, "an experiment id"), sweep, options);
      tellExtension(ports, extension, dryRun);
    });
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot read --first ${text}: expected a whole number`, {
    hint: "as in --first 20",
  });
}
