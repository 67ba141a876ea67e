import { type Command, Option } from "@commander-js/extra-typings";
import { plotScatter } from "../../results/plots/scatter.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { selectRuns, useOption, WHERE } from "../results/selection.ts";
import { DPI, HEIGHT, nameOf, OUT, readSize, TITLE, WIDTH, writePicture } from "./output.ts";

/** `expflow plot scatter [ID…] --field lr width acc --color model` */
export function defineScatter(command: Command, ports: CommandPorts): void {
  command
    .description("each run as a dot: one panel for two fields, a matrix of panels for up to six")
    .argument("[ids...]", "experiments; all unless told")
    .option("--field <name...>", "parameters and metrics; those that differ unless told")
    .addOption(new Option("--x <field>", "with --y: one panel").conflicts("field"))
    .addOption(new Option("--y <field>", "with --x: one panel").conflicts("field"))
    .option("--color <field>", "parameter or metric that gives the colour")
    .addOption(useOption())
    .option(...WHERE, collect, [] as string[])
    .option(...OUT)
    .option(...WIDTH, readSize)
    .option(...HEIGHT, readSize)
    .option(...TITLE)
    .option(...DPI, readCount)
    .action(async (ids, { where, field, x, y, color, use, ...output }) => {
      const panel = [x, y].filter((name) => name !== undefined);
      const fields = field ?? (panel.length > 0 ? panel : undefined);
      const { records } = await selectRuns(ports, { ids, where });
      await writePicture(
        ports,
        nameOf(ids, "scatter"),
        output,
        (options) => plotScatter(records, { fields, color, use, ...options }),
      );
    });
}
