import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../core/errors.ts";
import { checkId } from "../../core/ids.ts";
import { archive } from "../../manager/archive.ts";
import { restore } from "../../manager/restore.ts";
import { openForCommand, userPath } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { tellBytes } from "../sizes.ts";

/** `expflow archive ID [--to FOLDER]`, `expflow archive --restore ID` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment, all of whose runs have ended")
    .option("--to <folder>", "where the archive goes (default: experiments/archived)")
    .option("--restore", "bring it back; the archive stays")
    .action(async (id, options) => {
      checkId(id, "an experiment id");
      if (options.restore && options.to !== undefined) {
        throw new UsageError("Cannot restore to another folder: it goes back to where it was", {
          hint: "leave --to out; `tar --zstd -xf` unpacks an archive anywhere",
        });
      }
      await (options.restore ? bringBack(ports, id) : putAway(ports, id, options.to));
    });
}

async function putAway(ports: CommandPorts, id: string, folder?: string): Promise<void> {
  const { context, globals } = ports;
  const to = folder === undefined ? undefined : userPath(ports, folder);
  const report = await archive(await openForCommand(ports), id, { to });
  if (globals().json) return context.out(`${JSON.stringify(report)}\n`);
  const { file, packed, bytes, inodes, left } = report;
  context.out(
    `${id}: archived ${tellBytes(bytes)} and ${inodes} inodes in ${file} (${tellBytes(packed)})\n`,
  );
  for (const path of left) context.err(`warning: left ${path}: it is not as it was archived\n`);
  context.err(`next: expflow archive --restore ${id} brings it back\n`);
}

async function bringBack(ports: CommandPorts, id: string): Promise<void> {
  const { context, globals } = ports;
  const report = await restore(await openForCommand(ports), id);
  if (globals().json) return context.out(`${JSON.stringify(report)}\n`);
  context.out(`${id}: restored ${tellBytes(report.bytes)} and ${report.inodes} inodes\n`);
  context.err(`${report.file} stays: remove it when nobody needs it\n`);
}
