import type { Command } from "@commander-js/extra-typings";
import { setProjectSetting } from "../../manager/settings.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow config [show|set KEY VALUE]` */
export function define(command: Command, ports: CommandPorts): void {
  command.command("show", { isDefault: true })
    .description("print the project file")
    .action(async () => {
      const project = await openForCommand(ports);
      const text = ports.globals().json
        ? `${JSON.stringify(project.settings)}\n`
        : Deno.readTextFileSync(project.layout.config);
      ports.context.out(text);
    });
  command.command("set")
    .description("set a value; comments and everything else stay")
    .argument("<key>", "as account, or defaults.resources.time")
    .argument("<value>", "null takes the key away")
    .action(async (key, value) => {
      const project = await openForCommand(ports);
      await setProjectSetting(project, key, value);
      ports.context.out(`${project.layout.config}: ${key} = ${value}\n`);
    });
}
