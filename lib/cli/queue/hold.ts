import type { Command } from "@commander-js/extra-typings";
import { holdItems } from "../../manager/queue_control.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { ITEM_ARGUMENT, named } from "./items.ts";

/** `expflow queue hold ITEM` */
export function defineHold(command: Command, ports: CommandPorts): void {
  command
    .description("keep workers from taking something; what runs goes on")
    .argument(...ITEM_ARGUMENT)
    .action(async (text) => {
      const change = await holdItems(await openForCommand(ports), text);
      if (ports.globals().json) return ports.context.out(`${JSON.stringify(change)}\n`);
      if (change.changed.length > 0) ports.context.out(`held: ${named(change.changed)}\n`);
      if (change.running.length > 0) {
        ports.context.err(`note: ${named(change.running)} runs, and goes on until it ends\n`);
      }
    });
}
