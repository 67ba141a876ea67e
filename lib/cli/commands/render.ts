import type { Command } from "@commander-js/extra-typings";
import { parseRunReference } from "../../core/ids.ts";
import { renderScript } from "../../manager/render.ts";
import { openForCommand } from "../open.ts";
import { SITE_OPTION, tellSite } from "../tell_site.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow render ID[/run]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment, or one run as ID/run")
    .option("--stage <name>", "only this stage")
    .option(SITE_OPTION[0], SITE_OPTION[1])
    .action(async (text, { stage, site }) => {
      const project = await openForCommand(ports, { site });
      const { experiment, run } = parseRunReference(text);
      const runs = run === undefined ? undefined : [run];
      const scripts = Object.entries(await renderScript(project, experiment, { stage, runs }))
        .map(([script, text]) => ({ script, text }));
      const { context } = ports;
      await tellSite(context, project, experiment);
      if (ports.globals().json) context.out(`${JSON.stringify(scripts)}\n`);
      else {
        for (const { script, text } of scripts) {
          if (scripts.length > 1) context.err(`==> ${script}\n`);
          context.out(text);
        }
      }
    });
}
