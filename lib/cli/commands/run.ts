import type { Command } from "@commander-js/extra-typings";
import { createAdHoc, discardAdHoc } from "../../manager/ad_hoc.ts";
import type { Project } from "../../manager/project.ts";
import { openForAdHoc } from "../open.ts";
import { collect, readPoll, readPriority, TO_OPTION } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import { submitAndTell } from "./submit.ts";

/** `expflow run [--gpus 1] [--time 2h] [--sweep "lr=0.1,0.01"] -- python train.py …` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<command...>", "after --, as you would type it")
    .option("--id <id>", "name of the experiment; made of the program and the time unless told")
    .option("--gpus <count>", "GPUs a node")
    .option("--cpus <count>", "CPUs a task")
    .option("--mem <size>", "memory a node, as 16G")
    .option("--time <limit>", "time limit, as 2h or 1-12:00:00")
    .option("--partition <name>", "partition")
    .option("--sweep <line>", 'as "lr=0.1,0.01 model=r18,r50"; values are appended as --lr 0.1')
    .option("--set <key=value>", "any key of an experiment, as params.lr=0.1", collect, [])
    .option("--args <style>", "how values are appended: argparse, hydra or none", "argparse")
    .option("--priority <n>", "place in the queue of workers, 0 to 1000", readPriority)
    .option(...TO_OPTION)
    .option("--wait", "wait until every run has ended")
    .option("--poll <duration>", "with --wait: time between two looks, as 30s", readPoll)
    .action(async (words, options) => {
      await runWords(ports, await openForAdHoc(ports, options.to), words, options);
    });
}

/** What a command line without an experiment asks for. */
export interface AdHocOptions {
  id?: string;
  gpus?: string;
  cpus?: string;
  mem?: string;
  time?: string;
  partition?: string;
  priority?: number;
  tags?: string[];
  sweep?: string;
  set: string[];
  args?: string;
  wait?: boolean;
  poll?: number;
}

/** Submits one command, as an experiment that is made for it. */
export async function runWords(
  ports: CommandPorts,
  project: Project,
  words: readonly string[],
  options: AdHocOptions,
): Promise<void> {
  const { gpus, cpus, mem, time, partition, priority, tags } = options;
  const asked = { gpus, cpus_per_task: cpus, mem, time, partition, priority };
  const resources = Object.entries(asked).filter(([, value]) => value !== undefined)
    .map(([key, value]) => `resources.${key}=${value}`);
  const id = await createAdHoc(project, {
    id: options.id,
    words,
    workdir: ports.context.cwd,
    args: options.args,
    sweep: options.sweep,
    set: [...resources, ...tags ? [`tags=${JSON.stringify(tags)}`] : [], ...options.set],
  });
  try {
    await submitAndTell(ports, project, [{ id }], options);
  } finally {
    discardAdHoc(project, id);
  }
}
