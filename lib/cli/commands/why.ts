import type { Command } from "@commander-js/extra-typings";
import { parseRunReference } from "../../core/ids.ts";
import { diagnose, why } from "../../manager/why.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { diagnosisText, whyText } from "../tell_failure.ts";

/** `expflow why ID[/run]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "one run as ID/run, or an experiment")
    .action(async (text) => {
      const project = await openForCommand(ports);
      const { experiment, run } = parseRunReference(text);
      const json = ports.globals().json;
      if (run === undefined) {
        const [report] = await diagnose(project, [experiment]);
        ports.context.out(json ? `${JSON.stringify(report)}\n` : diagnosisText(report!));
        return;
      }
      const report = await why(project, experiment, run);
      ports.context.out(json ? `${JSON.stringify(report)}\n` : whyText(report));
    });
}
