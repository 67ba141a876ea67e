import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../core/errors.ts";
import { parseRunReference } from "../../core/ids.ts";
import { isEnded } from "../../core/states.ts";
import { importedCounts } from "../../manager/imported.ts";
import type { Project } from "../../manager/project.ts";
import { onlyRun, status } from "../../manager/status.ts";
import { countUnattended, unattendedLine } from "../../manager/unattended.ts";
import { listImported } from "../../store/imported.ts";
import { epochSeconds } from "../../system/clock.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { type Look, watchOnScreen } from "../screen.ts";
import { asJson, type Shown, shownOf, statusText } from "../tell_status.ts";

const WATCH_MS = 2000;

/** `expflow status [ID[/run]] [--by a,b] [--watch]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("[id]", "an experiment, or one run as ID/run; all experiments without it")
    .option("-w, --watch", "show it again every two seconds until everything has ended")
    .option("-a, --all", "every run, not only the first ones")
    .option("--by <params>", "count runs by these parameters, as model,lr")
    .option("--grid", "with --by of two parameters: as a grid, a cell for each pair of values")
    .action(async (id, options) => {
      const factors = options.by?.split(",").map((name) => name.trim()).filter(Boolean) ?? [];
      if (options.grid && factors.length !== 2) {
        throw new UsageError(`Cannot draw a grid of ${factors.length} parameters: 2 are expected`, {
          hint: "as --by model,lr --grid",
        });
      }
      const project = await openForCommand(ports);
      const { context } = ports;
      const json = ports.globals().json ?? false;
      let unattended = 0;
      const look = async (): Promise<Look> => {
        const now = epochSeconds(context.clock);
        const found = await statusFor(project, id, factors, now);
        unattended = found.reduce((sum, one) => sum + countUnattended(one.status.runs), 0);
        const { columns, color } = context;
        const manner = { columns, color, now, all: !!options.all, grid: !!options.grid };
        return {
          text: json
            ? `${JSON.stringify(found.map(asJson))}\n`
            : found.map((one) => statusText(one, manner)).join("\n"),
          last: !options.watch ||
            found.every(({ status }) => status.runs.every(({ state }) => isEnded(state))),
        };
      };
      if (options.watch && context.terminal.out && !json) {
        return await watchOnScreen(context, WATCH_MS, look);
      }
      for (let seen = await look();; seen = await look()) {
        context.out(seen.text);
        if (unattended > 0) context.err(`warning: ${unattendedLine(unattended)}\n`);
        if (seen.last) return;
        await context.clock.sleep(WATCH_MS);
      }
    });
}

async function statusFor(
  project: Project,
  text: string | undefined,
  factors: readonly string[],
  now: number,
): Promise<Shown[]> {
  const { experiment, run } = text === undefined ? {} : parseRunReference(text);
  const found = await status(project, { ids: experiment === undefined ? undefined : [experiment] });
  const imported = new Set(listImported(project.layout));
  const shown = found.map((one): Shown => ({
    ...shownOf(one, now, (all) => run === undefined ? all : onlyRun(all, run)),
    imported: imported.has(one.id) ? importedCounts(project.layout, one.id) : undefined,
  }));
  if (factors.length === 0) return shown;
  const { groupByFactors } = await import("../../submission/by_factor.ts");
  return shown.map((one) => {
    const { runs } = one.status;
    return runs.length === 0
      ? one
      : { ...one, by: { factors, groups: groupByFactors(runs, factors) } };
  });
}
