import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../core/errors.ts";
import { checkId } from "../../core/ids.ts";
import { extendSweep } from "../../manager/extend.ts";
import { previewSweep } from "../../manager/sweep.ts";
import { openForCommand } from "../open.ts";
import { readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { tellExtension, tellSweep } from "../tell_sweep.ts";

/** `expflow sweep preview|extend ID` */
export function define(command: Command, ports: CommandPorts): void {
  command.command("preview")
    .description("show the runs of a sweep, what is left out and why, and what it costs at most")
    .argument("<id>", "an experiment")
    .option("--first <n>", "number of runs to show", readCount, 10)
    .action(async (id, { first }) => {
      const project = await openForCommand(ports);
      tellSweep(ports, await previewSweep(project, checkId(id, "an experiment id"), first));
    });
  command.command("extend")
    .description("add values to the sweep in the experiment's file; the runs it has stay")
    .argument("<id>", "an experiment")
    .option("--sweep <line>", 'values to add, as "lr=0.001 seed=5,6"')
    .option("--draws <n>", "number of further points of random or sobol", readCount)
    .option("--dry-run", "say what would be added, and write nothing")
    .action(async (id, { sweep, draws, dryRun = false }) => {
      if (sweep === undefined && !draws) {
        throw new UsageError(`Cannot extend ${id} by nothing: expected --sweep or --draws`, {
          hint: `as in \`expflow sweep extend ${id} --sweep "lr=0.001"\``,
        });
      }
      const project = await openForCommand(ports);
      checkId(id, "an experiment id");
      const extension = await extendSweep(project, id, { sweep, draws }, { dryRun });
      tellExtension(ports, extension, dryRun);
    });
}
