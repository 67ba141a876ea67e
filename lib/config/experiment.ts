import type { ContainerSpec, EnvironmentSpec, Experiment, Stage } from "../core/experiment.ts";
import type { Params } from "../core/params.ts";
import { checkAlternatives, checkSecrets } from "./checks.ts";
import { check } from "./explain.ts";
import { harvestOf } from "./harvest_spec.ts";
import { launcherOf } from "./launcher_block.ts";
import { entryAt, errorAt, type MapNode } from "./located.ts";
import { withoutNulls } from "./overlay.ts";
import { checkPacking } from "./packing.ts";
import { resumingOf } from "./resuming.ts";
import { type Surroundings, withPaths } from "./paths.ts";
import { asArray, resourcesOf } from "./resource_block.ts";
import { retryOf } from "./retry_block.ts";
import { type ExperimentFile, experimentSchema } from "./schema.ts";
import { dependenciesOf, orderStages, withStages } from "./stages.ts";
import { searchOf } from "./search_block.ts";
import { sweepOf } from "./sweep_block.ts";
import { defined } from "./values.ts";

type StageBlock = Exclude<NonNullable<ExperimentFile["stages"]>[string], string>;

/** Checks what can be checked of a template, which need not have a command. */
export function checkTemplate(tree: MapNode): void {
  const plain = withoutNulls(tree);
  checkAlternatives(plain);
  checkSecrets(plain);
  check(experimentSchema, plain);
}

/**
 * The experiment that a resolved tree describes.
 *
 * @throws {ConfigError} with the place of the first thing that is wrong.
 */
export function buildExperiment(id: string, tree: MapNode, around: Surroundings): Experiment {
  checkTemplate(tree);
  const full = withPaths(withoutNulls(withStages(tree)), around);
  const file = check(experimentSchema, full);
  const params = (file.params ?? {}) as Params;
  const stages = stagesOf(id, file, full);
  const sweep = sweepOf(file.sweep, params, full);
  checkPacking(stages, sweep?.groups, full);
  return defined({
    id,
    description: file.description ?? "",
    tags: asArray(file.tags),
    params,
    stages,
    sweep,
    search: searchOf(file, full),
    harvest: harvestOf(file.harvest, full),
    retry: retryOf(file.retry),
    workdir: file.workdir ?? around.folder,
    snapshot: file.snapshot !== "off" && file.snapshot !== false,
    reproduces: file.reproduces,
  });
}

function stagesOf(id: string, { stages = {} }: ExperimentFile, tree: MapNode): Stage[] {
  if (Object.keys(stages).length === 0) {
    throw errorAt(
      { source: tree.at.source },
      `Cannot run ${id}: it has no command, expected command: or stages:`,
      "add a line such as command: python train.py, or extends: with a template that has one",
    );
  }
  const blocks = new Map(Object.entries(stages) as [string, StageBlock][]);
  const after = new Map(
    Array.from(blocks, ([name, block]) => [name, dependenciesOf(block.after)] as const),
  );
  return orderStages(after, tree).map((name) => {
    const block = blocks.get(name)!;
    const { command = "", args = "argparse" } = block;
    if (command.trim() === "") {
      const at = entryAt(tree, ["stages", name, "command"]) ?? entryAt(tree, ["stages", name]);
      const hint = "add a line such as command: python train.py";
      throw errorAt(at!.key, `Cannot run ${id}: its stage ${name} has no command`, hint);
    }
    return defined({
      name,
      command,
      args,
      launcher: launcherOf(block.launcher, entryAt(tree, ["stages", name, "launcher"])),
      after: after.get(name)!,
      resources: resourcesOf(block.resources),
      environment: environmentOf(block.environment),
      ...resumingOf(name, block, tree),
    });
  });
}

function environmentOf(block: StageBlock["environment"] = {}): EnvironmentSpec {
  const { modules, purge = true, conda, venv, uv, container, env = {}, secrets = {}, setup } =
    block;
  return defined({
    modules: asArray(modules),
    purge,
    conda,
    venv,
    uv,
    container: containerOf(container),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
    secrets,
    setup: asArray(setup),
  });
}

function containerOf(
  block: NonNullable<StageBlock["environment"]>["container"],
): ContainerSpec | undefined {
  if (block === undefined) return undefined;
  const { image, runtime, overlays, binds, nv } = typeof block === "string"
    ? { image: block }
    : block;
  return defined({ image, runtime, overlays: asArray(overlays), binds: asArray(binds), nv });
}
