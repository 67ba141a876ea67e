import type { Command } from "@commander-js/extra-typings";
import { boostItems } from "../../manager/queue_control.ts";
import { openForCommand } from "../open.ts";
import { readPriority } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { ITEM_ARGUMENT, named } from "./items.ts";

/** `expflow queue boost ITEM --priority 900` */
export function defineBoost(command: Command, ports: CommandPorts): void {
  command
    .description("give what waits another priority")
    .argument(...ITEM_ARGUMENT)
    .requiredOption("--priority <n>", "0 to 1000, the highest is taken first", readPriority)
    .action(async (text, { priority }) => {
      const change = await boostItems(await openForCommand(ports), text, priority);
      if (ports.globals().json) {
        return ports.context.out(`${JSON.stringify({ ...change, priority })}\n`);
      }
      ports.context.out(`${named(change.changed)}: priority ${priority}\n`);
      if (change.running.length > 0) {
        ports.context.err(`note: ${named(change.running)} was started before\n`);
      }
    });
}
