import type { Command } from "@commander-js/extra-typings";
import { queueScheduler } from "../../manager/schedulers.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow queue init` */
export function defineInit(command: Command, ports: CommandPorts): void {
  command
    .description("make the queue of this project; the first submission does it, too")
    .action(async () => {
      const { folder } = queueScheduler(await openForCommand(ports)).layout;
      if (ports.globals().json) return ports.context.out(`${JSON.stringify({ folder })}\n`);
      ports.context.out(`the queue is in ${folder}\n`);
      ports.context.out(
        "next: expflow queue add ID; `expflow config set scheduler=queue` sends all there\n",
      );
    });
}
