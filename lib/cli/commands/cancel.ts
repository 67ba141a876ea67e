import type { Command } from "@commander-js/extra-typings";
import { parseRunReference } from "../../core/ids.ts";
import { cancel } from "../../manager/cancel.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow cancel ID[/run]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "exactly this experiment, or one run as ID/run")
    .action(async (text) => {
      const project = await openForCommand(ports);
      const { experiment, run } = parseRunReference(text);
      const outcome = await cancel(project, experiment, run);
      if (ports.globals().json) {
        ports.context.out(`${JSON.stringify({ id: experiment, ...outcome })}\n`);
        return;
      }
      const { cancelled, ended, shared, unasked } = outcome;
      ports.context.out(`${experiment}: asked to cancel ${cancelled.length} runs`);
      ports.context.out(ended.length > 0 ? `, ${ended.length} had ended before\n` : "\n");
      if (unasked.length > 0) {
        ports.context.err(
          `warning: no job is known for ${unasked.length} of them: nobody was asked, only the wish is noted\n` +
            `hint: \`expflow status ${experiment}\` says why\n`,
        );
      }
      if (shared.length > 0) {
        ports.context.err(
          `note: ${shared.length} of them share a job that goes on with other runs: it ends them within seconds, or when its node sees the wish in the project's folder\n`,
        );
      }
    });
}
