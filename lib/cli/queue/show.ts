import type { Command } from "@commander-js/extra-typings";
import { lookAtQueue } from "../../manager/queue_items.ts";
import { findItems } from "../../manager/queue_targets.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow queue show ITEM` */
export function defineShow(command: Command, ports: CommandPorts): void {
  command
    .description("show everything that is known of an item")
    .argument("<item>", "a run as ID/run, an experiment, a job as 12, or a task of it as 12_3")
    .action(async (text) => {
      const found = findItems(await lookAtQueue(await openForCommand(ports)), text);
      if (ports.globals().json) return ports.context.out(`${JSON.stringify(found)}\n`);
      const { stringify } = await import("yaml");
      ports.context.out(stringify(found.length === 1 ? found[0] : found));
    });
}
