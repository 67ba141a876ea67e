import type { Command } from "@commander-js/extra-typings";
import { ExitCode } from "../../core/errors.ts";
import { FOREIGN_FORMATS } from "../../imports/formats.ts";
import { exportCurves } from "../../manager/curves.ts";
import { importFrom } from "../../manager/import.ts";
import { openForCommand, userPath } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { tellImport } from "../tell_import.ts";

/** `expflow import dr_exp FOLDER` */
export function define(command: Command, ports: CommandPorts): void {
  for (const { name, summary } of FOREIGN_FORMATS) {
    command.command(name)
      .description(summary)
      .argument("<folder>", "its folder; nothing in it is changed")
      .option("--command <bash>", "what the experiments run, where that was not recorded")
      .option("--prefix <text>", "put before the name of each experiment")
      .option("--curves", "write how each metric developed, too: a Parquet file an experiment")
      .option("--dry-run", "say what would be imported, and write nothing")
      .action(async (folder, { curves, ...options }) => {
        const project = await openForCommand(ports);
        const report = await importFrom(project, name, userPath(ports, folder), options);
        if (ports.globals().json) ports.context.out(`${JSON.stringify(report)}\n`);
        else tellImport(ports, report);
        for (const { id } of curves && !report.dryRun ? report.experiments : []) {
          const { path, points } = exportCurves(project, id);
          ports.context.err(`${points} points in ${path}\n`);
        }
        if (report.refused.length > 0) ports.exitWith(ExitCode.conflict);
      });
  }
}
