import { type Command, Option } from "@commander-js/extra-typings";
import { groupStatistics } from "../../results/group_statistics.ts";
import { statisticsTable } from "../../results/statistics_table.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { selectRuns, tell, useOption, WHERE } from "./selection.ts";

/** `expflow results stats [ID…]` */
export function defineStats(command: Command, ports: CommandPorts): void {
  command
    .description("describe metrics over seeds: mean, std, median, IQM, confidence intervals")
    .argument("[ids...]", "experiments; all unless told")
    .option(...WHERE, collect, [] as string[])
    .option("--metric <name...>", "only these metrics")
    .addOption(useOption())
    .addOption(
      new Option("--bootstrap <method>", "how resampling gives an interval")
        .choices(["bca", "percentile"] as const).default("bca" as const),
    )
    .option("--seed <n>", "of the resampling", readCount, 0)
    .action(async (ids, { where, metric: metrics, use, bootstrap, seed }) => {
      const { records } = await selectRuns(ports, { ids, where });
      const groups = groupStatistics(records, { metrics, use, bootstrap, seed });
      tell(ports, groups, () => statisticsTable(groups));
    });
}
