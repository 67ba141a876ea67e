import type { Command } from "@commander-js/extra-typings";
import { diagnose } from "../../manager/why.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { diagnosisText } from "../tell_failure.ts";

/** `expflow diagnose [ID…]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("[ids...]", "experiments; all that were submitted without one")
    .action(async (ids) => {
      const project = await openForCommand(ports);
      const reports = await diagnose(project, ids.length > 0 ? ids : undefined);
      if (ports.globals().json) return ports.context.out(`${JSON.stringify(reports)}\n`);
      const failed = reports.filter(({ groups }) => groups.length > 0);
      for (const report of failed) ports.context.out(diagnosisText(report));
      if (failed.length === 0) ports.context.out("nothing failed\n");
    });
}
