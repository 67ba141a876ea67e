import type { Command } from "@commander-js/extra-typings";
import { importanceTable, parameterImportance } from "../../results/parameter_importance.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { selectRuns, tell, useOption, WHERE } from "./selection.ts";

/** `expflow results importance [ID…] --metric acc` */
export function defineImportance(command: Command, ports: CommandPorts): void {
  command
    .description("show which parameters a metric depends on, by a random forest")
    .argument("[ids...]", "experiments; all unless told")
    .requiredOption("--metric <name>", "the metric")
    .option(...WHERE, collect, [] as string[])
    .addOption(useOption())
    .option("--seed <n>", "of the forest", readCount, 0)
    .action(async (ids, { metric, where, use, seed }) => {
      const { records } = await selectRuns(ports, { ids, where });
      const found = parameterImportance(records, metric, { use, seed });
      tell(ports, found, () => importanceTable(found));
    });
}
