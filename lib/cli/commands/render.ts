import type { Command } from "@commander-js/extra-typings";
import { parseRunReference } from "../../core/ids.ts";
import { renderScript } from "../../manager/render.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow render ID[/run]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment, or one run as ID/run")
    .option("--stage <name>", "only this stage")
    .action(async (text, { stage }) => {
      const project = await openForCommand(ports);
      const { experiment, run } = parseRunReference(text);
      const runs = run === undefined ? undefined : [run];
      const scripts = Object.entries(await renderScript(project, experiment, { stage, runs }))
        .map(([script, text]) => ({ script, text }));
      const { context } = ports;
      if (ports.globals().json) context.out(`${JSON.stringify(scripts)}\n`);
      else {
        for (const { script, text } of scripts) {
          if (scripts.length > 1) context.err(`==> ${script}\n`);
          context.out(text);
        }
      }
    });
}
