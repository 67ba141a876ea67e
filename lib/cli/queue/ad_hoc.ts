import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../core/errors.ts";
import { collect, readPoll, readPriority, readWords } from "../options.ts";

/** Adds what can be asked of a command that has no experiment of its own. */
export function adHocOptions<Args extends unknown[]>(command: Command<Args>) {
  return command
    .option(
      "--priority <n>",
      "0 to 1000, the highest is taken first; 500 unless told",
      readPriority,
    )
    .option("--tags <words>", "words to find it by, as baseline,cifar", readWords)
    .option("--time <limit>", "time limit, as 20m: a worker takes it only if as much is left to it")
    .option("--gpus <count>", "GPUs that it needs")
    .option("--cpus <count>", "CPUs that it needs")
    .option("--mem <size>", "memory that it needs, as 16G")
    .option("--id <id>", "name of the experiment; made of the program and the time unless told")
    .option("--set <key=value>", "any key of an experiment, as params.lr=0.1", collect, [])
    .option("--wait", "wait until every run has ended")
    .option("--poll <duration>", "with --wait: time between two looks, as 30s", readPoll);
}

/**
 * The words behind `--`, and those before it; the parser does not tell them apart.
 *
 * @returns no words where there is no `--`.
 */
export function wordsBehindDashes(
  command: Pick<Command, "parent">,
  words: readonly string[],
): { before: string[]; behind?: string[] } {
  const all = rawArguments(command);
  const at = all.indexOf("--");
  if (at < 0) return { before: [...words] };
  const behind = all.slice(at + 1);
  return { before: words.slice(0, words.length - behind.length), behind };
}

function rawArguments(command: Pick<Command, "parent">): readonly string[] {
  let top = command as Command;
  while (top.parent) top = top.parent as Command;
  return (top as unknown as { rawArgs: string[] }).rawArgs;
}

/** @throws {UsageError} where no command is behind `--`. */
export function requireWords(words: readonly string[] | undefined, verb: string): string[] {
  if (words && words.length > 0) return [...words];
  throw new UsageError(`Cannot ${verb}: no command is given`, {
    hint: `write it behind --, as in \`expflow queue ${verb} … -- python train.py\``,
  });
}
