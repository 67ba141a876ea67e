import { type Command, Option } from "@commander-js/extra-typings";
import { plotGpuHours } from "../../results/plots/gpu_hours.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { selectRuns, WHERE } from "../results/selection.ts";
import { DPI, HEIGHT, nameOf, OUT, readSize, TITLE, WIDTH, writePicture } from "./output.ts";

/** `expflow plot gpu-hours [ID…] --x model --color state` */
export function defineGpuHours(command: Command, ports: CommandPorts): void {
  command
    .description("GPU-hours that runs held, by a field; runs that failed count too")
    .argument("[ids...]", "experiments; all unless told")
    .option("--x <field>", "a bar for each of its values", "state")
    .option("--color <field>", "shares a bar between its values")
    .addOption(
      new Option("--device <device>", "what is counted").choices(["gpu", "cpu"] as const)
        .default("gpu" as const),
    )
    .option(...WHERE, collect, [] as string[])
    .option(...OUT)
    .option(...WIDTH, readSize)
    .option(...HEIGHT, readSize)
    .option(...TITLE)
    .option(...DPI, readCount)
    .action(async (ids, { where, x, color, device, ...output }) => {
      const { records } = await selectRuns(ports, { ids, where });
      await writePicture(
        ports,
        nameOf(ids, `${device}-hours`),
        output,
        (options) => plotGpuHours(records, { x, color, device, ...options }),
      );
    });
}
