import type { Command } from "@commander-js/extra-typings";
import { parseRunReference } from "../../core/ids.ts";
import { loadExperiment } from "../../manager/experiments.ts";
import type { Project } from "../../manager/project.ts";
import { runDetails } from "../../manager/run_details.ts";
import { openForCommand } from "../open.ts";
import { SITE_OPTION, siteOrWarning } from "../tell_site.ts";
import type { CommandPorts } from "../registry.ts";
import { textTable } from "../text_table.ts";

const VALUE_WIDTH = 50;

function shortened(text: string): string {
  return text.length <= VALUE_WIDTH ? text : `${text.slice(0, VALUE_WIDTH - 1)}…`;
}

/** `expflow show ID[/run] [--provenance]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment, or one run as ID/run, with all that is known of it")
    .option("--provenance", "say which file and line each value came from")
    .option(SITE_OPTION[0], SITE_OPTION[1])
    .action(async (id, options) => {
      const { experiment: name, run } = parseRunReference(id);
      const project = await openForCommand(ports, { site: options.site });
      if (run !== undefined) return await showRun(ports, project, name, run);
      const loaded = loadExperiment(project, name);
      const { experiment, ...sited } = await siteOrWarning(
        ports.context,
        project,
        loaded.experiment,
      );
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

async function showRun(
  { context, globals }: CommandPorts,
  project: Project,
  id: string,
  run: number,
): Promise<void> {
  const found = await runDetails(project, id, run);
  const { stringify } = await import("yaml");
  context.out(globals().json ? `${JSON.stringify(found)}\n` : stringify(found));
}
