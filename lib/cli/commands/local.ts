import type { Command } from "@commander-js/extra-typings";
import { localScheduler } from "../../manager/schedulers.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { textTable } from "../text_table.ts";

/** `expflow local status|stop` */
export function define(command: Command, ports: CommandPorts): void {
  const { context, globals } = ports;
  command.command("status", { isDefault: true })
    .description("whether its supervisor runs, and how many tasks run and wait")
    .action(async () => {
      const status = await localScheduler(await openForCommand(ports)).status();
      if (globals().json) context.out(`${JSON.stringify(status)}\n`);
      else {
        const rows = Object.entries(status).filter(([, value]) => value !== undefined).map((
          [key, value],
        ) => [key, String(value)]);
        context.out(textTable(["what", "value"], rows, Infinity));
      }
    });
  command.command("stop")
    .description("stop the supervisor; running tasks go on unless --cancel")
    .option("--cancel", "cancel every job first")
    .action(async ({ cancel }) => {
      const scheduler = localScheduler(await openForCommand(ports));
      await scheduler.stop({ cancel });
      const status = await scheduler.status();
      if (globals().json) context.out(`${JSON.stringify(status)}\n`);
      else {
        context.out(
          `stopped; ${status.running} tasks run on, ${status.waiting} wait for the next ` +
            "submission\n",
        );
      }
    });
}
