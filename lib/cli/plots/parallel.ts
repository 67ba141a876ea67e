import type { Command } from "@commander-js/extra-typings";
import { plotParallel } from "../../results/plots/parallel.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { selectRuns, useOption, WHERE } from "../results/selection.ts";
import { DPI, HEIGHT, nameOf, OUT, readSize, TITLE, WIDTH, writePicture } from "./output.ts";

/** `expflow plot parallel [ID…] --metric acc` */
export function defineParallel(command: Command, ports: CommandPorts): void {
  command
    .description("each run as a line over its parameters to a metric, which gives the colour")
    .argument("[ids...]", "experiments; all unless told")
    .requiredOption("--metric <name>", "the metric")
    .option("--field <name...>", "an axis each; all parameters that differ unless told")
    .addOption(useOption())
    .option(...WHERE, collect, [] as string[])
    .option(...OUT)
    .option(...WIDTH, readSize)
    .option(...HEIGHT, readSize)
    .option(...TITLE)
    .option(...DPI, readCount)
    .action(async (ids, { where, metric, field: fields, use, ...output }) => {
      const { records } = await selectRuns(ports, { ids, where });
      await writePicture(
        ports,
        nameOf(ids, "parallel"),
        output,
        (options) => plotParallel(records, { metric, fields, use, ...options }),
      );
    });
}
