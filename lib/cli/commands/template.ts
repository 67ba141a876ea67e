import type { Command } from "@commander-js/extra-typings";
import { createTemplate, listTemplates } from "../../manager/templates.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow template [NAME]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("[name]", "name of the new template; without it the known ones are listed")
    .option("--from <starter>", "starter to copy; one of the same name unless told")
    .action(async (name, { from }) => {
      const project = await openForCommand(ports);
      const { context } = ports;
      if (name === undefined) {
        const templates = listTemplates(project);
        if (ports.globals().json) context.out(`${JSON.stringify(templates)}\n`);
        else for (const { name, origin } of templates) context.out(`${name}  (${origin})\n`);
        return;
      }
      const path = createTemplate(project, name, from);
      if (ports.globals().json) context.out(`${JSON.stringify({ name, path })}\n`);
      else context.out(`${path}\nnext: expflow new exp001 --template ${name}\n`);
    });
}
