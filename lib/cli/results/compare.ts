import type { Command } from "@commander-js/extra-typings";
import { parseRunReference } from "../../core/ids.ts";
import { compareRuns } from "../../manager/results.ts";
import { comparisonTable } from "../../results/comparison.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { tell, useOption } from "./selection.ts";

/** `expflow results compare A B…` */
export function defineCompare(command: Command, ports: CommandPorts): void {
  command
    .description("compare runs with the first: parameters that differ, differences of metrics")
    .argument("<run>", "EXPERIMENT/INDEX; others are compared with it")
    .argument("<others...>", "further runs")
    .addOption(useOption())
    .action(async (run, others, { use }) => {
      const project = await openForCommand(ports);
      const comparison = compareRuns(project, [run, ...others].map(parseRunReference), use);
      tell(ports, comparison, () => comparisonTable(comparison));
    });
}
