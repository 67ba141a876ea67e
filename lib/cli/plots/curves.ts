import { type Command, Option } from "@commander-js/extra-typings";
import { checkId } from "../../core/ids.ts";
import { plotLearningCurves } from "../../manager/curves.ts";
import { queryResults } from "../../manager/results.ts";
import { BAND_KINDS } from "../../results/plots/curve_bands.ts";
import { openForCommand } from "../open.ts";
import { collect, readCount } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { WHERE } from "../results/selection.ts";
import { DPI, HEIGHT, nameOf, OUT, readSize, TITLE, WIDTH, writePicture } from "./output.ts";

/** `expflow plot curves ID --metric val_loss` */
export function defineCurves(command: Command, ports: CommandPorts): void {
  command
    .description("learning curves: a line for each set of parameters, a band over its seeds")
    .argument("<id>", "the experiment")
    .requiredOption("--metric <name>", "the metric")
    .addOption(
      new Option("--band <kind>", "95% interval of the mean, lowest to highest, or ± std")
        .choices(BAND_KINDS).default("ci" as const),
    )
    .option("--log", "a logarithmic axis of the metric")
    .option("--x-label <text>", "of the steps, with their unit")
    .option("--y-label <text>", "of the metric, with its unit")
    .option(...WHERE, collect, [] as string[])
    .option(...OUT)
    .option(...WIDTH, readSize)
    .option(...HEIGHT, readSize)
    .option(...TITLE)
    .option(...DPI, readCount)
    .action(async (id, { where, metric, band, log, xLabel, yLabel, ...output }) => {
      const project = await openForCommand(ports);
      const { records } = queryResults(project, {
        ids: [checkId(id, "an experiment id")],
        where,
      });
      await writePicture(
        ports,
        nameOf([id], "curves"),
        output,
        (options) =>
          plotLearningCurves(project, id, records, metric, {
            band,
            log,
            xLabel,
            yLabel,
            ...options,
          }),
      );
    });
}
