import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../core/errors.ts";
import { createExperiment } from "../../manager/experiments.ts";
import { openForCommand } from "../open.ts";
import { collect } from "../options.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow new ID --template T` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .alias("register")
    .argument("[id]", "letters, digits, '.', '_', '-'")
    .option("--exp-id <id>", "the same as the argument")
    .option("-t, --template <name>", "template to start from", "baseline")
    .option("-d, --description <text>", "one line about it")
    .option("--tag <tag>", "may be repeated", collect, [])
    .option("--set <key=value>", "as params.lr=0.1 or resources.time=2h; repeated", collect, [])
    .option("--sweep <line>", 'as "model=r18,r50 optim.lr=0.1,0.01"')
    .action(async (argument, { expId, template, description, tag, set, sweep }) => {
      const id = argument ?? expId;
      if (id === undefined) {
        throw new UsageError("Cannot create an experiment without an id", {
          hint: "as in `expflow new exp001 --template baseline`",
        });
      }
      const project = await openForCommand(ports);
      const path = createExperiment(project, id, {
        template,
        description,
        tags: tag,
        set,
        sweep,
      });
      if (ports.globals().json) ports.context.out(`${JSON.stringify({ id, path })}\n`);
      else ports.context.out(`${path}\nnext: expflow submit ${id}\n`);
    });
}
