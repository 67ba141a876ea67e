import type { Command } from "@commander-js/extra-typings";
import { checkId } from "../../core/ids.ts";
import { loadExperiment } from "../../manager/experiments.ts";
import { openForCommand } from "../open.ts";
import { SITE_OPTION, siteOrWarning } from "../tell_site.ts";
import type { CommandPorts } from "../registry.ts";
import { textTable } from "../text_table.ts";

const VALUE_WIDTH = 50;

function shortened(text: string): string {
  return text.length <= VALUE_WIDTH ? text : `${text.slice(0, VALUE_WIDTH - 1)}…`;
}

/** `expflow show ID [--provenance]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment")
    .option("--provenance", "say which file and line each value came from")
    .option(SITE_OPTION[0], SITE_OPTION[1])
    .action(async (id, options) => {
      const project = await openForCommand(ports, options.site);
      checkId(id, "an experiment id");
      const loaded = loadExperiment(project, id);
      const { experiment, ...sited } = siteOrWarning(ports.context, project, loaded.experiment);
      const provenance = { ...loaded.provenance, ...sited.provenance };
      const values = { ...loaded.values, ...sited.values };
      const { context } = ports;
      if (ports.globals().json) {
        context.out(
          `${JSON.stringify(options.provenance ? { experiment, provenance } : experiment)}\n`,
        );
      } else if (options.provenance) {
        const rows = Object.entries(provenance).map(([key, place]) => [
          key,
          shortened(JSON.stringify(values[key]) ?? ""),
          place,
        ]);
        context.out(textTable(["key", "value", "from"], rows, Infinity));
      } else {
        const { stringify } = await import("yaml");
        context.out(stringify(experiment));
      }
    });
}
