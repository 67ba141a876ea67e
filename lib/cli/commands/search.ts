import type { Command } from "@commander-js/extra-typings";
import { ExitCode } from "../../core/errors.ts";
import { checkId } from "../../core/ids.ts";
import { searchStatus } from "../../manager/search.ts";
import { searchReport } from "../../manager/search_report.ts";
import { runSearch } from "../../manager/search_run.ts";
import { untilInterrupted } from "../interrupt.ts";
import { openForCommand } from "../open.ts";
import { readPoll } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { tellEvent, tellReport, tellSearch } from "../tell_search.ts";

/** `expflow search run|status|report ID` */
export function define(command: Command, ports: CommandPorts): void {
  const { context, globals, exitWith } = ports;
  command.command("run")
    .description("suggest, submit and harvest trials until all have ended; goes on where it was")
    .argument("<id>", "an experiment with a search: block")
    .option("--poll <time>", "time between two looks: 10s, 2m", readPoll)
    .option("--take-over", "go on where a driver on another host is gone")
    .action(async (id, { poll, takeOver }) => {
      const project = await openForCommand(ports);
      checkId(id, "an experiment id");
      const status = await untilInterrupted(
        `Cannot go on with the search ${id}: interrupted; its runs go on`,
        `\`expflow search run ${id}\` goes on where it was`,
        (signal) =>
          runSearch(project, id, {
            signal,
            intervalMs: poll,
            takeOver,
            onEvent: (event) => context.err(`${tellEvent(event)}\n`),
            onNotice: (line) => context.err(`${id}: ${line}\n`),
          }),
      );
      if (globals().json) context.out(`${JSON.stringify(status)}\n`);
      else tellSearch(ports, status);
      if (status.valued === 0) exitWith(ExitCode.failed);
    });
  command.command("status")
    .description("show how far a search is, the best so far, and who drives it")
    .argument("<id>", "an experiment with a search: block")
    .action(async (id) => {
      const project = await openForCommand(ports);
      const status = searchStatus(project, checkId(id, "an experiment id"));
      if (globals().json) context.out(`${JSON.stringify(status)}\n`);
      else tellSearch(ports, status);
    });
  command.command("report")
    .description("show the trials, the best so far, and which parameters matter")
    .argument("<id>", "an experiment with a search: block")
    .action(async (id) => {
      const project = await openForCommand(ports);
      const report = searchReport(project, checkId(id, "an experiment id"));
      if (globals().json) context.out(`${JSON.stringify(report)}\n`);
      else tellReport(ports, report);
    });
}
