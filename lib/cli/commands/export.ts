import type { Command } from "@commander-js/extra-typings";
import { checkId } from "../../core/ids.ts";
import { exportResults } from "../../manager/export.ts";
import { openForCommand, userPath } from "../open.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow export results.csv` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<file>", "results.csv, .json, .jsonl, .md or .tex; the ending is the format")
    .option("--id <id...>", "only these experiments")
    .option("--metric <name...>", "metrics of a table for people (.md, .tex), in this order")
    .action(async (file, { id, metric }) => {
      const project = await openForCommand(ports);
      const ids = id?.map((one) => checkId(one, "an experiment id"));
      const report = exportResults(project, userPath(ports, file), { ids, metrics: metric });
      const { context } = ports;
      if (ports.globals().json) context.out(`${JSON.stringify(report)}\n`);
      else {
        const { runs, experiments } = report;
        context.out(`${file}: ${runs} runs of ${experiments.join(", ")}\n`);
      }
    });
}
