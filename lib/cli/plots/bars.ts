import type { Command } from "@commander-js/extra-typings";
import { plotBars } from "../../results/plots/bars.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { selectRuns, useOption, WHERE } from "../results/selection.ts";
import { DPI, HEIGHT, nameOf, OUT, readSize, TITLE, WIDTH, writePicture } from "./output.ts";

/** `expflow plot bars [ID…] --metric acc --x model --color dataset` */
export function defineBars(command: Command, ports: CommandPorts): void {
  command
    .description("bars of a metric's mean over completed runs, with 95% intervals and each run")
    .argument("[ids...]", "experiments; all unless told")
    .requiredOption("--metric <name>", "the metric")
    .option("--x <field...>", "a bar for each of their values; all parameters that differ")
    .option("--color <field>", "a bar of its own colour for each of its values")
    .option("--label <text>", "of the axis of the metric, with its unit")
    .addOption(useOption())
    .option(...WHERE, collect, [] as string[])
    .option(...OUT)
    .option(...WIDTH, readSize)
    .option(...HEIGHT, readSize)
    .option(...TITLE)
    .option(...DPI, readCount)
    .action(async (ids, { where, metric, x, color, use, label, ...output }) => {
      const { records } = await selectRuns(ports, { ids, where });
      await writePicture(
        ports,
        nameOf(ids, "bars"),
        output,
        (options) => plotBars(records, { metric, x, color, use, xLabel: label, ...options }),
      );
    });
}
