import { type Command, Option } from "@commander-js/extra-typings";
import { AGGREGATION_NAMES } from "../../results/aggregation.ts";
import { tableExporter } from "../../results/export/tables.ts";
import { resultsTable } from "../../results/results_table.ts";
import { PAIRED_TESTS } from "../../results/statistics/paired_test.ts";
import { writeWhole } from "../../system/files.ts";
import { userPath } from "../open.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { selectRuns, tell, useOption, WHERE } from "./selection.ts";

/** `expflow results table --rows model --cols dataset --metric acc --agg mean±std` */
export function defineTable(command: Command, ports: CommandPorts): void {
  command
    .description("lay out completed runs in rows and columns, each cell an aggregate over seeds")
    .argument("[ids...]", "experiments; all unless told")
    .requiredOption("--rows <field...>", "fields whose values tell rows apart")
    .option("--cols <field...>", "fields whose values tell columns apart")
    .requiredOption("--metric <name...>", "metrics to show")
    .option("--agg <how>", AGGREGATION_NAMES.join(", "), "mean±std")
    .option(...WHERE, collect, [] as string[])
    .addOption(useOption())
    .addOption(
      new Option("--test <test>", "test rows against the baseline, corrected by Holm")
        .choices(PAIRED_TESTS),
    )
    .option("--baseline <value...>", "the row to test against: a value for each field of --rows")
    .option("--pair <field...>", "match runs by these; by all other parameters unless told")
    .option("--seed <n>", "of random permutations", readCount, 0)
    .option("--out <file>", "write it to table.md, .tex or .html; the ending is the format")
    .action(async (ids, { where, metric: metrics, out, ...options }) => {
      const write = out === undefined ? undefined : tableExporter(out);
      const { records } = await selectRuns(ports, { ids, where });
      const { table, ...numbers } = resultsTable(records, { metrics, ...options });
      if (out !== undefined && write) writeWhole(userPath(ports, out), write(table));
      tell(ports, { ...numbers, notes: table.notes }, () => table);
    });
}
