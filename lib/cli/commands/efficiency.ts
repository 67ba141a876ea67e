import type { Command } from "@commander-js/extra-typings";
import { formatDuration } from "../../core/durations.ts";
import { checkId } from "../../core/ids.ts";
import { efficiency, type RunUsage } from "../../manager/efficiency.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { tellMib } from "../sizes.ts";
import { textTable } from "../text_table.ts";

const ROWS_SHOWN = 30;

/** `expflow efficiency ID` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment")
    .option("-a, --all", "every run, not only the first ones")
    .action(async (id, { all }) => {
      checkId(id, "an experiment id");
      const report = await efficiency(await openForCommand(ports), id);
      const { context, globals } = ports;
      if (globals().json) {
        context.out(`${JSON.stringify(report)}\n`);
        return;
      }
      const shown = all ? report.runs : report.runs.slice(0, ROWS_SHOWN);
      const head = [
        "run",
        "stage",
        "job",
        "state",
        "time",
        "of limit",
        "CPU",
        "memory",
        "of",
        "GPU",
      ];
      if (shown.length > 0) context.out(textTable(head, shown.map(cells), Infinity));
      const more = report.runs.length - shown.length;
      if (more > 0) context.err(`${more} more runs: --all shows them\n`);
      for (const [stage, suggestions] of Object.entries(report.suggestions)) {
        const rows = suggestions.map(({ resource, value, evidence }) => [
          stage,
          resource,
          value ?? "unknown",
          evidence,
        ]);
        context.out(`\n${textTable(["stage", "resource", "suggested", "from"], rows, Infinity)}`);
      }
      for (const line of report.unknown) context.err(`not known: ${line}\n`);
    });
}

function cells(usage: RunUsage): string[] {
  const { efficiency: { cpu, time, gpu }, elapsed, memory, memoryUsed } = usage;
  return [
    usage.shared ? `${usage.run} +${usage.shared.length - 1}` : String(usage.run),
    usage.stage,
    usage.task === undefined ? usage.job : `${usage.job}_${usage.task}`,
    usage.state,
    formatDuration(elapsed),
    percent(time),
    percent(cpu),
    tellMib(memoryUsed === undefined ? undefined : Math.round(memoryUsed)),
    tellMib(memory === undefined ? undefined : Math.round(memory)),
    usage.gpus === 0 ? "" : percent(gpu),
  ];
}

function percent(share: number | undefined): string {
  return share === undefined ? "?" : `${Math.round(share * 100)}%`;
}
