import type { Command } from "@commander-js/extra-typings";
import { join, resolve } from "node:path";
import { detectPlace } from "../../cluster/place.ts";
import { machinePorts } from "../../cluster/ports.ts";
import { ConflictError, ExpflowError } from "../../core/errors.ts";
import { plotLearningCurves } from "../../manager/curves.ts";
import { exportResults } from "../../manager/export.ts";
import { harvest } from "../../manager/harvest.ts";
import { initProject } from "../../manager/init.ts";
import { openProject, type Project } from "../../manager/project.ts";
import { setProjectSetting } from "../../manager/settings.ts";
import { submit, wait } from "../../manager/submit.ts";
import { quote } from "../../script/quote.ts";
import { exists, makeFolder, writeWhole } from "../../system/files.ts";
import { invocation } from "../invocation.ts";
import { ProgressLine, tellCounts } from "../progress.ts";
import type { CommandPorts } from "../registry.ts";
import { countStates } from "../../submission/status.ts";

const ID = "digits";
const METRICS = ["val_accuracy", "val_loss", "train_loss"];

/** `expflow quickstart [FOLDER]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .description(
      "Train 18 small models on 8x8 pictures of digits (2 models x 3 learning rates x 3 seeds),\n" +
        "on this machine: submit, progress, harvest, table, results.csv and a plot.",
    )
    .argument("[folder]", "a new folder for it; a temporary one unless told")
    .option("--scheduler <name>", "local, or slurm for the cluster", "local")
    .action(async (folder, { scheduler }) => {
      const root = folder === undefined
        ? await ownFolder(ports, scheduler)
        : newFolder(resolve(ports.context.cwd, folder));
      const project = await setUp(ports, root, scheduler);
      await runSweep(ports, project);
      await tellResults(ports, project);
      tellNext(ports, project);
    });
}

function newFolder(path: string): string {
  if (exists(path)) {
    throw new ConflictError(`Cannot start in ${path}: it exists`, {
      hint: "name a folder that does not, or none for a temporary one",
    });
  }
  makeFolder(path);
  return path;
}

/** A temporary folder, for a cluster one that all its nodes see. */
async function ownFolder({ context }: CommandPorts, scheduler: string): Promise<string> {
  const prefix = "expflow-quickstart-";
  if (scheduler === "local") return Deno.makeTempDirSync({ prefix });
  const { scratch } = await detectPlace(machinePorts(context.runner));
  return Deno.makeTempDirSync({ dir: scratch.value, prefix });
}

/** A repository with the program, and a project beside it with one experiment. */
async function setUp(ports: CommandPorts, root: string, scheduler: string): Promise<Project> {
  const { context } = ports;
  const { quickstartFiles } = await import("../quickstart_files.gen.ts");
  const code = join(root, "code");
  for (const [name, text] of Object.entries(await quickstartFiles())) {
    writeWhole(join(code, name), text);
  }
  await commit(ports, code);
  const { runner, clock } = context;
  const { root: folder } = await initProject({ name: "project", parent: root, cwd: code, runner });
  const fresh = await openProject(folder, { runner, clock });
  await setProjectSetting(fresh, "scheduler", scheduler);
  const project = await openProject(folder, { runner, clock });
  writeWhole(project.layout.experiment(ID), experimentText(code));
  context.err(`project: ${folder}\n`);
  return project;
}

async function commit({ context }: CommandPorts, code: string): Promise<void> {
  const identity = ["-c", "user.name=expflow", "-c", "user.email=expflow@localhost"];
  for (const args of [["init", "-q"], ["add", "."], ["commit", "-qm", "quickstart"]]) {
    await context.runner.run({ argv: ["git", "-C", code, ...identity, ...args] });
  }
}

function experimentText(code: string): string {
  return `# yaml-language-server: $schema=../.expflow/schema/experiment.json
description: which model and learning rate read digits best
workdir: ${JSON.stringify(code)}
command: ${JSON.stringify(`${quote(Deno.execPath())} run -A --no-config --no-lock train.ts`)}
args: argparse # --model softmax --lr 0.1 --seed 0
params:
  model: softmax
  lr: 0.1
resources:
  time: "00:05:00"
  cpus_per_task: 1
sweep:
  grid:
    model: [softmax, mlp]
    lr: [0.01, 0.1, 1]
  seeds: 3
harvest: metrics.jsonl
`;
}

async function runSweep({ context }: CommandPorts, project: Project): Promise<void> {
  const { selected, plan } = await submit(project, ID);
  const where = plan?.scheduler === "local" ? "the scheduler of this machine" : plan?.scheduler;
  context.err(`submitted ${selected.runs.length} runs to ${where}\n`);
  const line = new ProgressLine(context);
  const { runs } = await wait(project, ID, { onProgress: (counts) => line.update(counts) });
  line.finish();
  if (runs.every(({ state }) => state === "completed")) return;
  throw new ExpflowError(`Cannot show results: ${tellCounts(countStates(runs))}`, {
    hint: `${invocation()} -C ${project.layout.root} logs ${ID}/0 --err`,
  });
}

async function tellResults(ports: CommandPorts, project: Project): Promise<void> {
  const { context } = ports;
  const { records, problems } = await harvest(project, ID);
  for (const problem of problems) context.err(`warning: ${problem}\n`);
  const { aggregate } = await import("../../results/aggregate.ts");
  const { groupTable } = await import("../../results/group_table.ts");
  const { renderTable } = await import("../../results/table.ts");
  const table = groupTable(aggregate(records), { metrics: METRICS });
  const style = { width: context.columns, color: context.color };
  context.out(`\nmean ± std over 3 seeds, ← best:\n\n${renderTable(table, style)}\n\n`);
  const csv = join(project.layout.root, "results.csv");
  exportResults(project, csv);
  const svg = join(project.layout.root, "learning_curves.svg");
  const look = { log: true, band: "minmax" } as const;
  writeWhole(svg, await plotLearningCurves(project, ID, records, "val_loss", look));
  context.out(`${csv}\n${svg}\n`);
}

function tellNext({ context }: CommandPorts, project: Project): void {
  const expflow = `${invocation()} -C ${quote(project.layout.root)}`;
  context.out(
    [
      "",
      "next:",
      `  ${expflow} status ${ID}`,
      `  ${expflow} show ${ID} --provenance`,
      `  ${expflow} render ${ID}`,
      "",
    ].join("\n"),
  );
}
