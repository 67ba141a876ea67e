import type { Command } from "@commander-js/extra-typings";
import { resourceStatus } from "../../manager/resources.ts";
import type { CommandPorts } from "../registry.ts";
import { tellStatus } from "../tell_resources.ts";

/** `expflow resources [--status]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .option("--status", "what is free now (this is what it does without options, too)")
    .action(async () => {
      const { context, globals } = ports;
      const { runner, clock } = context;
      const status = await resourceStatus({ runner, clock });
      if (globals().json) {
        context.out(`${JSON.stringify(status)}\n`);
        return;
      }
      const columns = context.terminal.out ? context.columns : Infinity;
      context.out(tellStatus(status, columns));
      context.err(
        status.kind === "machine"
          ? `no Slurm here (${status.source}): this is what the machine has, busy or not\n`
          : `from ${status.source}; free leaves out nodes that are down, drained, reserved, planned or in maintenance\n`,
      );
    });
}
