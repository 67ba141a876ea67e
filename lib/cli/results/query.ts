import type { Command } from "@commander-js/extra-typings";
import { runTable } from "../../results/run_table.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { selectRuns, tell, WHERE } from "./selection.ts";

/** `expflow results query [ID…] --where … --sort … --limit n` */
export function defineQuery(command: Command, ports: CommandPorts): void {
  command
    .description("list the runs that fulfil conditions")
    .argument("[ids...]", "experiments; all unless told")
    .option(...WHERE, collect, [] as string[])
    .option("--sort <field>", "order by it, -FIELD from the highest down", collect, [] as string[])
    .option("--limit <n>", "at most so many", readCount)
    .action(async (ids, { where, sort, limit }) => {
      const { records, matched } = await selectRuns(ports, { ids, where, sort, limit });
      tell(ports, records, () => runTable(records));
      if (records.length < matched) ports.context.err(`${records.length} of ${matched} runs\n`);
    });
}
