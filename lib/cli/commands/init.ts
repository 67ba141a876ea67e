import type { Command } from "@commander-js/extra-typings";
import { resolve } from "node:path";
import { type InitAnswers, initProject } from "../../manager/init.ts";
import type { CliContext } from "../context.ts";
import { invocation } from "../invocation.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow init NAME` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<name>", "name of the project; it is created in your scratch folder")
    .option("--dir <folder>", "create it in this folder")
    .option("-i, --interactive", "ask for account, partition, GPUs and time limit")
    .option("-q, --quick", "take what was detected (this is also the default)")
    .action(async (name, { dir, interactive }) => {
      const { context } = ports;
      const answers = interactive ? askAll(context) : {};
      const outcome = await initProject({
        name,
        parent: dir === undefined ? undefined : resolve(context.cwd, dir),
        cwd: context.cwd,
        answers,
        runner: context.runner,
      });
      if (ports.globals().json) {
        context.out(`${JSON.stringify(outcome)}\n`);
        return;
      }
      const { root, created, warnings, detected } = outcome;
      for (const warning of warnings) context.err(`warning: ${warning}\n`);
      for (const { key, value, source } of detected) {
        context.err(`${key} = ${value}  (${source})\n`);
      }
      context.out(created ? `created ${root}\n` : `${root} is there: your edits are kept\n`);
      context.out(`next: cd ${root} && ${invocation()} new exp001 --template baseline\n`);
    });
}

/** Empty answers leave a value to its default. */
function askAll(context: CliContext): InitAnswers {
  const ask = (question: string) => context.ask(question, "")?.trim() || undefined;
  return {
    account: ask("Slurm account (empty: the default one):"),
    partition: ask("Partition (empty: the default one):"),
    gpus: ask("GPUs a run (empty: none):"),
    time: ask("Time limit a run, as 2h or 1-12:00:00 (empty: the partition's):"),
  };
}
