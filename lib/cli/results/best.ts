import type { Command } from "@commander-js/extra-typings";
import { bestGroups } from "../../results/group_statistics.ts";
import { statisticsTable } from "../../results/statistics_table.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { selectRuns, tell, useOption, WHERE } from "./selection.ts";

/** `expflow results best [ID…] --metric acc` */
export function defineBest(command: Command, ports: CommandPorts): void {
  command
    .description("show the parameters with the best mean of a metric over seeds")
    .argument("[ids...]", "experiments; all unless told")
    .requiredOption("--metric <name>", "the metric; its direction is the harvest's")
    .option(...WHERE, collect, [] as string[])
    .option("--top <n>", "so many", readCount, 5)
    .addOption(useOption())
    .action(async (ids, { metric, where, top, use }) => {
      const { records } = await selectRuns(ports, { ids, where });
      const best = bestGroups(records, metric, top, { use });
      tell(ports, best, () => statisticsTable(best));
    });
}
