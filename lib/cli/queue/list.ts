import type { Command } from "@commander-js/extra-typings";
import {
  lookAtQueue,
  parseItemStates,
  type QueueItem,
  selectItems,
} from "../../manager/queue_items.ts";
import { epochSeconds } from "../../system/clock.ts";
import { openForCommand } from "../open.ts";
import { readCount, readWords } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { tellParams } from "../tell_status.ts";
import { textTable } from "../text_table.ts";

/** Items that are printed for a person, where nothing else is said. */
const SHOWN = 30;

/** `expflow queue list [--state queued] [--tag t] [--limit n]` */
export function defineList(command: Command, ports: CommandPorts): void {
  command
    .description("list what is in the queue: what runs, then what comes next, then what is over")
    .option(
      "--state <states>",
      "only what is queued, held, running, completed, …; pending is queued",
      parseItemStates,
    )
    .option("--tag <tags>", "only experiments with one of these tags, as a,b", readWords)
    .option("--limit <count>", `so many; ${SHOWN} unless told, with --json all`, readCount)
    .action(async ({ state, tag, limit }) => {
      const look = await lookAtQueue(await openForCommand(ports));
      const found = selectItems(look.items, { states: state, tags: tag });
      const { context } = ports;
      if (ports.globals().json) {
        return context.out(`${JSON.stringify(found.slice(0, limit ?? Infinity))}\n`);
      }
      if (found.length === 0) {
        return context.out(look.items.length > 0 ? "no such items\n" : "the queue is empty\n");
      }
      const now = epochSeconds(context.clock);
      const shown = found.slice(0, limit ?? SHOWN);
      context.out(listTable(shown, now, context.columns));
      const more = found.length - shown.length;
      if (more > 0) context.err(`… and ${more} more (--limit ${found.length})\n`);
    });
}

function listTable(items: readonly QueueItem[], now: number, columns: number): string {
  const stages = new Set(items.map(({ stage }) => stage)).size > 1;
  const head = ["item", "state", "prio", "job", "time", "tags", "why", "parameters"];
  const rows = items.map((one) => {
    const { item, stage, state, priority, job, task, started, ended, tags, reason, params } = one;
    const seconds = started === undefined ? "" : `${Math.max(0, (ended ?? now) - started)}s`;
    return [
      stages ? `${item} ${stage}` : item,
      state.replaceAll("_", " "),
      priority === undefined ? "" : String(priority),
      job === undefined ? "" : job + (task === undefined ? "" : `_${task}`),
      seconds,
      tags.join(","),
      reason ?? "",
      tellParams(params),
    ];
  });
  return textTable(head, rows, columns);
}
