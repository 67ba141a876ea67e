import { Argument, type Command } from "@commander-js/extra-typings";
import { runWords } from "../commands/run.ts";
import { openForAdHoc } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { adHocOptions, requireWords, wordsBehindDashes } from "./ad_hoc.ts";

/** `expflow queue sweep "model=r18,r50 optim.lr=0.1,0.01" -- python train.py` */
export function defineSweep(command: Command, ports: CommandPorts): void {
  const swept = command
    .description("put a command into the queue, once for each point of a sweep")
    .addArgument(new Argument("<sweep>", 'as "model=r18,r50 optim.lr=0.1,0.01"'))
    .argument("[command...]", "behind --, as you would type it");
  adHocOptions(swept)
    .option("--args <style>", "how values are appended: argparse, hydra or none", "argparse")
    .action(async (sweep, rest, options) => {
      const { behind } = wordsBehindDashes(command, [sweep, ...rest]);
      const words = requireWords(behind, "sweep");
      await runWords(ports, await openForAdHoc(ports, "queue"), words, { ...options, sweep });
    });
}
