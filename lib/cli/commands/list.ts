import type { Command } from "@commander-js/extra-typings";
import { listAll } from "../../manager/list.ts";
import { openForCommand } from "../open.ts";
import { tellCounts } from "../progress.ts";
import type { CommandPorts } from "../registry.ts";
import { textTable } from "../text_table.ts";

/** `expflow list` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .option("--status <state>", "only experiments with a run in this state")
    .action(async ({ status }) => {
      const project = await openForCommand(ports);
      const found = (await listAll(project)).filter(({ counts }) =>
        status === undefined || (counts as Record<string, number>)[status] !== undefined
      );
      const { context } = ports;
      if (ports.globals().json) {
        const rows = found.map(({ id, counts, description, tags }) => ({
          id,
          description,
          tags,
          counts,
        }));
        context.out(`${JSON.stringify(rows)}\n`);
        return;
      }
      if (found.length === 0) {
        context.err("no experiments; `expflow new ID` makes one\n");
        return;
      }
      const rows = found.map(({ id, counts, description, submissions }) => [
        id,
        submissions === 0 ? "not submitted" : tellCounts(counts),
        description,
      ]);
      context.out(textTable(["experiment", "runs", "description"], rows, context.columns));
    });
}
