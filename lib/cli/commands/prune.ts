import type { Command } from "@commander-js/extra-typings";
import { relative } from "node:path";
import { checkId } from "../../core/ids.ts";
import { prune, type PruneReport } from "../../manager/prune.ts";
import { openForCommand } from "../open.ts";
import { readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { tellBytes } from "../sizes.ts";
import { textTable } from "../text_table.ts";

const ROWS_SHOWN = 40;

/** `expflow prune [ID] [--yes]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("[id]", "an experiment; all of them without it")
    .option("-y, --yes", "remove it; else this is a dry run")
    .option("--keep <n>", "so many of the newest checkpoints of each run stay", readCount, 1)
    .option("-a, --all", "list everything, and what is kept with the reason")
    .action(async (id, { yes, keep, all }) => {
      const project = await openForCommand(ports);
      if (id !== undefined) checkId(id, "an experiment id");
      const report = await prune(project, { id, yes, keep });
      if (ports.globals().json) return ports.context.out(`${JSON.stringify(report)}\n`);
      tell(ports, report, project.layout.root, all ?? false);
      if (!yes && report.waste.length > 0) {
        ports.context.err(`next: expflow prune ${id === undefined ? "" : `${id} `}--yes\n`);
      }
    });
}

function tell(
  { context }: CommandPorts,
  { removed, waste, kept, bytes, inodes }: PruneReport,
  root: string,
  all: boolean,
): void {
  const shown = all ? waste : waste.slice(0, ROWS_SHOWN);
  if (waste.length > 0) {
    const rows = shown.map(({ kind, bytes, inodes, path, why }) => [
      kind,
      tellBytes(bytes),
      String(inodes),
      relative(root, path),
      why,
    ]);
    context.out(textTable(["what", "size", "inodes", "path", "why"], rows, context.columns));
    const more = waste.length - shown.length;
    if (more > 0) context.out(`… and ${more} more (--all)\n`);
  }
  if (all) {
    for (const { path, why } of kept) context.err(`kept: ${relative(root, path)}: ${why}\n`);
  }
  const freed = `${tellBytes(bytes)} and ${inodes} inodes`;
  if (waste.length === 0) context.out("nothing to remove\n");
  else if (removed) context.out(`removed ${freed}\n`);
  else context.out(`dry run: nothing was removed; --yes frees ${freed}\n`);
}
