import type { Command } from "@commander-js/extra-typings";
import { resolve } from "node:path";
import { parseDuration } from "../../core/durations.ts";
import { UsageError } from "../../core/errors.ts";
import { parseMemory } from "../../core/memory.ts";
import { adviseResources } from "../../manager/advise.ts";
import { adviseWithAi, aiPrompt } from "../../manager/ai_advice.ts";
import { findProject } from "../../store/find.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { tellAdvice } from "../tell_advice.ts";
import { tellAi } from "../tell_ai.ts";

/** `expflow advise --gpus 4 [--gpu-type a100,h100] [--time 24h] … [--exp ID]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .option("--gpus <n>", "GPUs over all nodes", count("GPUs"))
    .option("--gpu-type <types>", "any of these types, with commas")
    .option("--nodes <n>", "exactly so many nodes", positive("nodes"))
    .option("--time <limit>", "time limit: 24h, 02:00:00, 90 (minutes)", checked(parseDuration))
    .option("--mem <size>", "memory a node: 64G", checked(parseMemory))
    .option("--cpus <n>", "CPUs a task", positive("CPUs"))
    .option("--partition <names>", "only these partitions, with commas")
    .option("--account <name>", "only this account")
    .option("--qos <name>", "only this quality of service")
    .option("--global-batch <n>", "samples of one optimizer step", positive("samples"))
    .option("--max-per-gpu <n>", "most samples that fit on one GPU", positive("samples"))
    .option("--exp <id>", "an experiment of the project, which says the rest")
    .option("--stage <name>", "with --exp: this stage, not the first")
    .option(
      "-r, --refresh",
      "ask for access and past waits now, however young the kept answers are",
    )
    .option("-a, --all", "every place, and each term of the scores")
    .option("--ai", "what an AI makes of it, after our own numbers (needs GEMINI_API_KEY)")
    .option("--show-prompt", "print what --ai would send, and send nothing")
    .option("--unmasked", "with --ai: send the real names of accounts and user")
    .action(async (options) => {
      const { context, globals } = ports;
      const here = globals().project ?? ".";
      const inProject = options.exp !== undefined || globals().project !== undefined ||
        findProject(resolve(context.cwd, here)) !== undefined;
      const { exp, gpuType, all = false, ai, showPrompt, unmasked, ...rest } = options;
      const project = inProject ? await openForCommand(ports) : undefined;
      const advice = await adviseResources({
        ...rest,
        experiment: exp,
        gpuTypes: gpuType?.split(","),
        project,
        runner: context.runner,
        clock: context.clock,
      });
      const { json } = globals();
      if (showPrompt) {
        const prompt = aiPrompt(advice, { unmasked });
        context.out(json ? `${JSON.stringify({ prompt })}\n` : prompt);
        return;
      }
      if (!json) tellAdvice(context, advice, all);
      const said = ai
        ? await adviseWithAi(advice, { project, unmasked, env: context.env })
        : undefined;
      if (json) context.out(`${JSON.stringify({ ...advice, ...said ? { ai: said } : {} })}\n`);
      else if (said) tellAi(context, said);
    });
}

function count(what: string): (text: string) => number {
  return (text) => {
    if (/^\d{1,6}$/.test(text)) return Number(text);
    throw new UsageError(`Cannot read ${JSON.stringify(text)} as a number of ${what}`);
  };
}

function positive(what: string): (text: string) => number {
  return (text) => {
    const number = count(what)(text);
    if (number > 0) return number;
    throw new UsageError(`Cannot ask for 0 ${what}: 1 or more was expected`);
  };
}

/** Text as it is, once it was readable. */
function checked(read: (text: string) => unknown): (text: string) => string {
  return (text) => {
    read(text);
    return text;
  };
}
