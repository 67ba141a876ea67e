import type { Command } from "@commander-js/extra-typings";
import { ExitCode } from "../../core/errors.ts";
import { workHere } from "../../manager/work_here.ts";
import { openForCommand } from "../open.ts";
import { readCount, readWait } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { workerEventLine } from "../tell_launch.ts";

/** `expflow worker [--linger 10m]` */
export function define(command: Command, ports: CommandPorts): void {
  const { context, globals, exitWith } = ports;
  command
    .option("--cpus <count>", "most CPUs of a run; all there are unless told", readCount)
    .option("--linger <time>", "how long it waits for new items, as 30s or 10m", readWait)
    .action(async ({ cpus, linger }) => {
      const project = await openForCommand(ports);
      const { end, unfit, ...had } = await workHere(project, {
        cpus,
        linger: linger === undefined ? undefined : linger / 1000,
        onEvent: (event) => {
          if (globals().json) context.out(`${JSON.stringify(event)}\n`);
          else context.err(`${workerEventLine(event)}\n`);
        },
      });
      if (unfit > 0) {
        const runs = unfit === 1 ? "1 run waits" : `${unfit} runs wait`;
        context.err(
          `warning: ${runs} for more CPUs, GPUs or time than this worker has (${had.cpus} CPUs, ${had.gpus} GPUs)\n` +
            "hint: `expflow queue list --state queued` shows them, `expflow launch` has other workers\n",
        );
      }
      if (end === "lost") exitWith(ExitCode.conflict);
      if (end === "stopped") exitWith(ExitCode.interrupted);
    });
}
