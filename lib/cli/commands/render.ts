import type { Command } from "@commander-js/extra-typings";
import { parseRunReference } from "../../core/ids.ts";
import { previewSubmit } from "../../manager/submit.ts";
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
      const { files, plan } = await previewSubmit(project, experiment, {
        stage,
        runs: run === undefined ? undefined : [run],
        force: true,
      });
      const scripts = plan.chunks.map(({ script }) => ({ script, text: files.get(script)! }));
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
