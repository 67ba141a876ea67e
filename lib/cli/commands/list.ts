import type { Command } from "@commander-js/extra-typings";
import { listAll, sizeOf } from "../../manager/list.ts";
import type { Size } from "../../system/tree.ts";
import { openForCommand } from "../open.ts";
import { tellCounts } from "../progress.ts";
import type { CommandPorts } from "../registry.ts";
import { tellImported } from "../tell_import.ts";
import { tellBytes } from "../sizes.ts";
import { textTable } from "../text_table.ts";

/** `expflow list` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .option("--status <state>", "only experiments with a run in this state")
    .option("--size", "count the files and bytes of each, too")
    .action(async ({ status, size }) => {
      const project = await openForCommand(ports);
      const found = (await listAll(project)).filter(({ counts }) =>
        status === undefined || (counts as Record<string, number>)[status] !== undefined
      );
      const { context } = ports;
      if (ports.globals().json) {
        const rows = found.map(({ id, counts, description, tags, archived, imported }) => ({
          id,
          description,
          tags,
          counts,
          archived,
          imported,
          size: size ? sizeOf(project, id) : undefined,
        }));
        context.out(`${JSON.stringify(rows)}\n`);
        return;
      }
      if (found.length === 0) {
        context.err("no experiments; `expflow new ID` makes one\n");
        return;
      }
      const rows = found.map(({ id, counts, description, submissions, archived, imported }) => [
        id,
        (submissions === 0 ? "not submitted" : tellCounts(counts)) +
        (archived ? " (archived)" : "") + (imported ? `; ${tellImported(imported)}` : ""),
        ...size ? tellSize(sizeOf(project, id)) : [],
        description,
      ]);
      const head = ["experiment", "runs", ...size ? ["inodes", "size"] : [], "description"];
      context.out(textTable(head, rows, context.columns));
    });
}

function tellSize({ bytes, inodes, whole }: Size): string[] {
  return whole ? [String(inodes), tellBytes(bytes)] : [`> ${inodes}`, `> ${tellBytes(bytes)}`];
}
