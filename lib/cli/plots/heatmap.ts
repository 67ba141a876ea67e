import type { Command } from "@commander-js/extra-typings";
import { plotHeatmap } from "../../results/plots/heatmap.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { selectRuns, useOption, WHERE } from "../results/selection.ts";
import { DPI, HEIGHT, nameOf, OUT, readSize, TITLE, WIDTH, writePicture } from "./output.ts";

/** `expflow plot heatmap [ID…] --metric acc --x lr --y width` */
export function defineHeatmap(command: Command, ports: CommandPorts): void {
  command
    .description("a metric's mean over two parameters, by colour and number")
    .argument("[ids...]", "experiments; all unless told")
    .requiredOption("--metric <name>", "the metric")
    .option("--x <field>", "across; the first parameter that differs unless told")
    .option("--y <field>", "upwards; the second parameter that differs unless told")
    .addOption(useOption())
    .option(...WHERE, collect, [] as string[])
    .option(...OUT)
    .option(...WIDTH, readSize)
    .option(...HEIGHT, readSize)
    .option(...TITLE)
    .option(...DPI, readCount)
    .action(async (ids, { where, metric, x, y, use, ...output }) => {
      const { records } = await selectRuns(ports, { ids, where });
      await writePicture(
        ports,
        nameOf(ids, "heatmap"),
        output,
        (options) => plotHeatmap(records, { metric, x, y, use, ...options }),
      );
    });
}
