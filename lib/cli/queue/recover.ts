import type { Command } from "@commander-js/extra-typings";
import { recoverQueue } from "../../manager/queue_recover.ts";
import type { Recovery } from "../../queue/recovery.ts";
import { openForCommand } from "../open.ts";
import { collect, readPoll } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { textTable } from "../text_table.ts";

/** `expflow queue recover [--force WORKER]` */
export function defineRecover(command: Command, ports: CommandPorts): void {
  command
    .description("give others what workers had that are silent, and gone as far as can be asked")
    .option("--force <worker>", "this one is gone, I know it; it must be silent", collect, [])
    .option("--lease <time>", "who was heard of more recently lives: 10m unless told", readPoll)
    .action(async ({ force, lease: ms }) => {
      const lease = ms === undefined ? {} : { lease: ms / 1000 };
      const found = await recoverQueue(await openForCommand(ports), { force, ...lease });
      const { context } = ports;
      if (ports.globals().json) return context.out(`${JSON.stringify(found)}\n`);
      if (found.length === 0) return context.out("there are no workers\n");
      const head = ["worker", "is", "taken from it", "why"];
      context.out(textTable(head, found.map(rowOf), context.columns));
      const unknown = found.filter(({ kind }) => kind === "unknown");
      if (unknown.length > 0) {
        context.err("note: of whom nothing is known keeps what it has; --force takes it\n");
      }
    });
}

function rowOf({ worker, kind, why, recovered }: Recovery): string[] {
  return [worker, kind, recovered ? takenText(recovered) : "", why];
}

function takenText(
  { again, poisoned, blocks, strange }: NonNullable<Recovery["recovered"]>,
): string {
  const counts = { "back in the queue": again, "set aside": poisoned, "not begun": blocks };
  const told = Object.entries({ ...counts, "not understood": strange.length })
    .flatMap(([what, count]) => count > 0 ? [`${count} ${what}`] : []);
  return told.join(", ") || "nothing";
}
