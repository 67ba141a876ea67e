import type { Command } from "@commander-js/extra-typings";
import { type Detected, detectEnvironment, machinePorts } from "../../cluster/detect.ts";
import { findProject } from "../../store/find.ts";
import { resolve } from "node:path";
import type { CommandPorts } from "../registry.ts";
import { textTable } from "../text_table.ts";

/** `expflow info` */
export function define(command: Command, ports: CommandPorts): void {
  command.action(async () => {
    const { context, globals } = ports;
    const found = await detectEnvironment(machinePorts(context.runner));
    const { warnings, ...values } = found;
    const root = findProject(resolve(context.cwd, globals().project ?? "."))?.root;
    const project: Detected<string | undefined> = {
      value: root,
      source: root ? "nearest .hpc_config.yaml upwards" : "no .hpc_config.yaml here or above",
    };
    const all: Record<string, Detected<unknown>> = { ...values, project };
    if (globals().json) {
      context.out(`${JSON.stringify({ ...all, warnings })}\n`);
      return;
    }
    const rows = Object.entries(all).map(([key, { value, source }]) => [
      key,
      value === undefined ? "none" : String(value),
      source,
    ]);
    context.out(textTable(["what", "value", "from"], rows, Infinity));
    for (const warning of warnings) context.err(`warning: ${warning}\n`);
  });
}
