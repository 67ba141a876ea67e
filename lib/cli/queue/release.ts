import type { Command } from "@commander-js/extra-typings";
import { releaseItems } from "../../manager/queue_control.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { ITEM_ARGUMENT, named } from "./items.ts";

/** `expflow queue release ITEM` */
export function defineRelease(command: Command, ports: CommandPorts): void {
  command
    .description("let workers have what was held, or was set aside as its workers were lost")
    .argument(...ITEM_ARGUMENT)
    .action(async (text) => {
      const { released, again } = await releaseItems(await openForCommand(ports), text);
      if (ports.globals().json) {
        return ports.context.out(`${JSON.stringify({ released, again })}\n`);
      }
      if (released.length > 0) ports.context.out(`released: ${named(released)}\n`);
      if (again.length > 0) {
        ports.context.out(`back in the queue, for one more attempt: ${named(again)}\n`);
      }
    });
}
