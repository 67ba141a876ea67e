import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../core/errors.ts";
import { submitNamed } from "../commands/submit.ts";
import { runWords } from "../commands/run.ts";
import { openForAdHoc, openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { adHocOptions, requireWords, wordsBehindDashes } from "./ad_hoc.ts";

/** Words that only a command without an experiment has. */
const AD_HOC = ["tags", "time", "gpus", "cpus", "mem", "id"] as const;

/** `expflow queue add ID[/run]…` or `expflow queue add [--gpus 1] -- python train.py …` */
export function defineAdd(command: Command, ports: CommandPorts): void {
  const added = command
    .description("put experiments into the queue, or one command, behind --")
    .argument("[ids...]", "experiments, or single runs as ID/run");
  adHocOptions(added)
    .option("--force", "run again what is completed or queued")
    .option("--dry-run", "say exactly what would be done, and do nothing")
    .option("-y, --yes", "do not ask, however many runs there are")
    .action(async (texts, options) => {
      const { before, behind } = wordsBehindDashes(command, texts);
      if (behind === undefined) {
        refuseAdHoc(options, before);
        if (before.length === 0) throw nothingToAdd();
        const project = await openForCommand(ports, { to: "queue" });
        return await submitNamed(ports, project, before, options);
      }
      if (before.length > 0) {
        throw new UsageError(`Cannot add both ${before.join(", ")} and a command`, {
          hint: "add them one after the other",
        });
      }
      const words = requireWords(behind, "add");
      await runWords(ports, await openForAdHoc(ports, "queue"), words, options);
    });
}

function nothingToAdd(): UsageError {
  return new UsageError("Cannot add: neither an experiment nor a command is given", {
    hint: "as in `expflow queue add exp001`, or `expflow queue add -- python train.py`",
  });
}

/** An experiment says such things in its file. */
function refuseAdHoc(
  options: Partial<Record<typeof AD_HOC[number], unknown>> & { set: string[] },
  ids: readonly string[],
): void {
  const given = AD_HOC.find((name) => options[name] !== undefined) ??
    (options.set.length > 0 ? "set" : undefined);
  if (given === undefined) return;
  const what = ids.length > 0 ? `the file of ${ids[0]} says it` : "no command is given";
  throw new UsageError(`Cannot use --${given} here: ${what}`, {
    hint: `--${given} is for a command behind --, as in \`expflow queue add -- python train.py\``,
  });
}
