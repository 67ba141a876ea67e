import type { Command } from "@commander-js/extra-typings";
import { ExitCode } from "../../core/errors.ts";
import { checkQueue } from "../../manager/queue_validate.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { textTable } from "../text_table.ts";

/** `expflow queue validate [--repair]` */
export function defineValidate(command: Command, ports: CommandPorts): void {
  command
    .description("check every rule of the queue's files; exit code 1 when something stays wrong")
    .option("--repair", "repair what can be repaired without a loss, and note it in repairs.log")
    .action(async ({ repair }) => {
      const { log, findings } = await checkQueue(await openForCommand(ports), { repair });
      const left = findings.filter((one) => !("repaired" in one && one.repaired));
      if (left.length > 0) ports.exitWith(ExitCode.failed);
      const { context } = ports;
      if (ports.globals().json) return context.out(`${JSON.stringify({ log, findings })}\n`);
      if (findings.length === 0) return context.out("nothing is wrong\n");
      const rows = findings.map((one) => [one.kind, one.path, toDo(one), one.why]);
      context.out(textTable(["what", "where", "repair", "why"], rows, context.columns));
      if (left.length < findings.length) context.err(`the repairs are noted in ${log}\n`);
      const can = left.filter((one) => one.repair && !("repaired" in one));
      if (can.length > 0) {
        context.err("hint: `expflow queue validate --repair` repairs what it can\n");
      }
    });
}

function toDo(one: { repair?: string; repaired?: boolean }): string {
  if (one.repaired) return "done";
  return one.repair === undefined ? "yours to decide" : "possible";
}
