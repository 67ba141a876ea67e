import type { Command } from "@commander-js/extra-typings";
import { plotImportance } from "../../results/plots/importance.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { selectRuns, useOption, WHERE } from "../results/selection.ts";
import { DPI, HEIGHT, nameOf, OUT, readSize, TITLE, WIDTH, writePicture } from "./output.ts";

/** `expflow plot importance [ID…] --metric acc` */
export function defineImportance(command: Command, ports: CommandPorts): void {
  command
    .description("which parameters a metric depends on, by a random forest")
    .argument("[ids...]", "experiments; all unless told")
    .requiredOption("--metric <name>", "the metric")
    .addOption(useOption())
    .option("--seed <n>", "of the forest", readCount, 0)
    .option(...WHERE, collect, [] as string[])
    .option(...OUT)
    .option(...WIDTH, readSize)
    .option(...HEIGHT, readSize)
    .option(...TITLE)
    .option(...DPI, readCount)
    .action(async (ids, { where, metric, use, seed, ...output }) => {
      const { records } = await selectRuns(ports, { ids, where });
      await writePicture(
        ports,
        nameOf(ids, "importance"),
        output,
        (options) => plotImportance(records, { metric, use, seed, ...options }),
      );
    });
}
