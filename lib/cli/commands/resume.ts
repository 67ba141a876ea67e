import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../core/errors.ts";
import { parseRunReference } from "../../core/ids.ts";
import { resume } from "../../manager/resume.ts";
import { openForCommand } from "../open.ts";
import { TO_OPTION } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { tellOutcome } from "../tell_submission.ts";

/** `expflow resume ID[/run]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment, or one run as ID/run")
    .option("--from <path>", "start from this checkpoint (relative to the run's folder)")
    .option("--epoch <n>", "start from the checkpoint of this epoch, or step", wholeNumber)
    .option("--force", "also runs that are completed")
    .option(TO_OPTION[0], "queue, local or slurm, in the place of the one they ran on")
    .action(async (text, { from, epoch, force, to }) => {
      if (from !== undefined && epoch !== undefined) {
        throw new UsageError("Cannot use both --from and --epoch", { hint: "keep one of them" });
      }
      const project = await openForCommand(ports, { to });
      const { experiment, run } = parseRunReference(text);
      tellOutcome(
        ports,
        experiment,
        await resume(project, experiment, { run, from, epoch, force }),
      );
    });
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot read the epoch ${JSON.stringify(text)}`, {
    hint: "write a whole number, as in --epoch 12",
  });
}
