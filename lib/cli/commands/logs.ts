import type { Command } from "@commander-js/extra-typings";
import type { CommandPorts } from "../registry.ts";
import { showLogs } from "../show_logs.ts";

/** `expflow logs ID[/run]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment with one run, or ID/run")
    .option("-f, --follow", "go on until the run has ended")
    .option("-n, --lines <count>", "only the last lines of each file")
    .option("-e, --err", "stderr in place of stdout")
    .option("-t, --type <stage>", "only this stage (train, eval, …)")
    .action((id, options) => showLogs(ports, id, options));
}
