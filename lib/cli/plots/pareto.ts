import type { Command } from "@commander-js/extra-typings";
import { plotPareto } from "../../results/plots/pareto.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { selectRuns, useOption, WHERE } from "../results/selection.ts";
import { DPI, HEIGHT, nameOf, OUT, readSize, TITLE, WIDTH, writePicture } from "./output.ts";

/** `expflow plot pareto [ID…] --x latency --y acc` */
export function definePareto(command: Command, ports: CommandPorts): void {
  command
    .description("two metrics that compete: means over seeds, and those that none dominates")
    .argument("[ids...]", "experiments; all unless told")
    .requiredOption("--x <metric>", "across")
    .requiredOption("--y <metric>", "upwards")
    .option("--x-label <text>", "of the axis, with its unit")
    .option("--y-label <text>", "of the axis, with its unit")
    .addOption(useOption())
    .option(...WHERE, collect, [] as string[])
    .option(...OUT)
    .option(...WIDTH, readSize)
    .option(...HEIGHT, readSize)
    .option(...TITLE)
    .option(...DPI, readCount)
    .action(async (ids, { where, x, y, xLabel, yLabel, use, ...output }) => {
      const { records } = await selectRuns(ports, { ids, where });
      await writePicture(
        ports,
        nameOf(ids, "pareto"),
        output,
        (options) => plotPareto(records, { x, y, xLabel, yLabel, use, ...options }),
      );
    });
}
