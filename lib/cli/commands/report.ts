import { type Command, Option } from "@commander-js/extra-typings";
import { checkId } from "../../core/ids.ts";
import { writeReport } from "../../manager/report.ts";
import { PAIRED_TESTS } from "../../results/statistics/paired_test.ts";
import { openForCommand, userPath } from "../open.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow report ID` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .description(
      "Harvest an experiment and write one page about it that needs nothing beside it:\n" +
        "states, statistics with tests, plots, failures, provenance, how to reproduce it.",
    )
    .argument("<id>", "the experiment")
    .option("--metric <name>", "what it is about; the first that is a number unless told")
    .addOption(
      new Option("--test <test>", "of each set of parameters against the first")
        .choices(PAIRED_TESTS).default("t" as const),
    )
    .option("-o, --out <file>", "the page; experiments/results/ID.html unless told")
    .action(async (id, { metric, test, out }) => {
      const project = await openForCommand(ports);
      const path = out === undefined ? undefined : userPath(ports, out);
      const report = await writeReport(project, checkId(id, "an experiment id"), {
        metric,
        test,
        path,
      });
      const { context, globals } = ports;
      context.out(globals().json ? `${JSON.stringify(report)}\n` : `${report.path}\n`);
    });
}
