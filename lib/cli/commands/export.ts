import { type Command, Option } from "@commander-js/extra-typings";
import { checkId } from "../../core/ids.ts";
import { exportResults } from "../../manager/export.ts";
import { COLUMN_NAMES } from "../../results/export/exporter.ts";
import { openForCommand, userPath } from "../open.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow export results.csv` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument(
      "<file>",
      "results.csv, .json, .jsonl, .parquet, .md, .tex or .html; the ending is the format",
    )
    .option("--id <id...>", "only these experiments")
    .option("--metric <name...>", "metrics of a table for people (.md, .tex, .html), in this order")
    .addOption(
      new Option("--names <names>", "names of the columns of data").choices(COLUMN_NAMES)
        .default("expflow" as const),
    )
    .action(async (file, { id, metric, names }) => {
      const project = await openForCommand(ports);
      const ids = id?.map((one) => checkId(one, "an experiment id"));
      const options = { ids, metrics: metric, names };
      const report = exportResults(project, userPath(ports, file), options);
      const { context } = ports;
      if (ports.globals().json) context.out(`${JSON.stringify(report)}\n`);
      else {
        const { runs, experiments } = report;
        context.out(`${file}: ${runs} runs of ${experiments.join(", ")}\n`);
      }
    });
}
