import type { Command } from "@commander-js/extra-typings";
import type { CommandPorts } from "../registry.ts";
import { showLogs } from "../show_logs.ts";

/** `expflow tail ID[/run]`: `logs -f -n 10` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment with one run, or ID/run")
    .option("-n, --lines <count>", "begin with this many last lines", "10")
    .option("-e, --err", "stderr in place of stdout")
    .option("-t, --type <stage>", "only this stage (train, eval, …)")
    .action((id, options) => showLogs(ports, id, { ...options, follow: true }));
}
