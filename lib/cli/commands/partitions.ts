import type { Command } from "@commander-js/extra-typings";
import { resolve } from "node:path";
import type { AccessCell } from "../../cluster/access.ts";
import { detectAccess } from "../../manager/partitions.ts";
import type { CommandPorts } from "../registry.ts";
import { textTable } from "../text_table.ts";

/** `expflow partitions [--refresh] [--all]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .option("-r, --refresh", "ask Slurm now, however young the kept answer is")
    .option("-a, --all", "what is denied too")
    .action(async ({ refresh, all }) => {
      const { context, globals } = ports;
      const { runner, clock } = context;
      const folder = resolve(context.cwd, globals().project ?? ".");
      const { map, age, failure } = await detectAccess({ folder, refresh, runner, clock });
      if (globals().json) {
        context.out(`${JSON.stringify({ ...map, age, failure })}\n`);
        return;
      }
      const { user, cluster = "this cluster", cells } = map;
      const shown = all ? cells : cells.filter(({ access }) => access !== "denied");
      const columns = context.terminal.out ? context.columns : Infinity;
      if (shown.length > 0) context.out(tellCells(shown, columns));
      for (const line of map.unknown) context.err(`warning: not known: ${line}\n`);
      if (failure) context.err(`warning: ${failure}\n`);
      const hidden = cells.length - shown.length;
      const rest = hidden > 0 ? `; ${hidden} denied (--all shows them)` : "";
      context.err(`${user} on ${cluster}, asked ${tellAge(age)}${rest}\n`);
      if (!cells.some(({ access }) => access === "allowed")) {
        context.err(
          `${user} may submit nowhere that is known: ${cells[0]?.reason ?? "no partition"}\n`,
        );
      }
    });
}

function tellAge(seconds: number): string {
  if (seconds < 1) return "now";
  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}

/** One row for each partition, account and answer; the QOS of it together. */
function tellCells(cells: readonly AccessCell[], columns: number): string {
  const groups = Map.groupBy(
    cells,
    ({ partition, account, access, reason }) => [partition, account, access, reason].join("\n"),
  );
  const rows = Array.from(groups.values(), (some) => {
    const { partition, account = "", access, reason, source } = some[0]!;
    const qos = some.flatMap((cell) => cell.qos ?? []).join(" ");
    return [partition, account, access, qos, reason, source];
  });
  return textTable(["partition", "account", "access", "QOS", "why", "from"], rows, columns);
}
