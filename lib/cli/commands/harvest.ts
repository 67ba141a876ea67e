import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../core/errors.ts";
import { checkId } from "../../core/ids.ts";
import { exportCurves } from "../../manager/curves.ts";
import { harvest, type HarvestReport } from "../../manager/harvest.ts";
import { listSubmitted } from "../../store/plan.ts";
import { countStates } from "../../submission/status.ts";
import { openForCommand } from "../open.ts";
import { tellCounts } from "../progress.ts";
import type { CommandPorts } from "../registry.ts";

const PROBLEMS_SHOWN = 10;

/** `expflow harvest ID | --all` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("[id]", "an experiment")
    .option("--all", "every experiment that was submitted")
    .option("--curves", "write how each metric developed, too: a Parquet file for each experiment")
    .action(async (id, { all, curves }) => {
      if ((id === undefined) === !all) {
        throw new UsageError("Cannot tell what to harvest: name an experiment, or --all", {
          hint: "as in `expflow harvest exp001`",
        });
      }
      const project = await openForCommand(ports);
      const ids = id === undefined
        ? listSubmitted(project.layout)
        : [checkId(id, "an experiment id")];
      const reports: HarvestReport[] = [];
      for (const one of ids) reports.push(await harvest(project, one));
      if (curves) {
        for (const one of ids) {
          const { path, points } = exportCurves(project, one);
          ports.context.err(`${points} points in ${path}\n`);
        }
      }
      if (ports.globals().json) ports.context.out(`${JSON.stringify(reports)}\n`);
      else for (const report of reports) await tellHarvest(ports, report);
    });
}

/** The table of an experiment, and what could not be read. */
export async function tellHarvest(
  { context }: CommandPorts,
  { experiment, records, notes, problems }: HarvestReport,
): Promise<void> {
  const { aggregate } = await import("../../results/aggregate.ts");
  const { groupTable } = await import("../../results/group_table.ts");
  const { renderTable } = await import("../../results/table.ts");
  context.out(`${experiment}: ${tellCounts(countStates(records))}\n`);
  const groups = aggregate(records);
  if (groups.metrics.length > 0) {
    const style = { width: context.columns, color: context.color };
    context.out(`${renderTable(groupTable(groups), style)}\n`);
  }
  for (const note of notes) context.err(`${note}\n`);
  for (const problem of problems.slice(0, PROBLEMS_SHOWN)) context.err(`warning: ${problem}\n`);
  const more = problems.length - PROBLEMS_SHOWN;
  if (more > 0) context.err(`warning: … and ${more} more (--json lists them)\n`);
}
