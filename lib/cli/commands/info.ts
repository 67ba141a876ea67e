import type { Command } from "@commander-js/extra-typings";
import { resolve } from "node:path";
import { detectEnvironment } from "../../cluster/detect.ts";
import { absent, type Maybe } from "../../cluster/detected.ts";
import { machinePorts } from "../../cluster/ports.ts";
import { findProject } from "../../store/find.ts";
import type { CommandPorts } from "../registry.ts";
import { tellEnvironment } from "../tell_environment.ts";

/** `expflow info` */
export function define(command: Command, ports: CommandPorts): void {
  command.action(async () => {
    const { context, globals } = ports;
    const { warnings, ...found } = await detectEnvironment(machinePorts(context.runner));
    const root = findProject(resolve(context.cwd, globals().project ?? "."))?.root;
    const project: Maybe<string> = root
      ? { value: root, source: "nearest .hpc_config.yaml upwards" }
      : absent("no .hpc_config.yaml here or above");
    if (globals().json) {
      context.out(`${JSON.stringify({ ...found, project, warnings })}\n`);
      return;
    }
    const columns = context.terminal.out ? context.columns : Infinity;
    context.out(tellEnvironment({ ...found, project, warnings }, columns));
    for (const warning of warnings) context.err(`warning: ${warning}\n`);
  });
}
