import { join, relative } from "node:path";
import { experimentJsonSchema, projectJsonSchema, SCHEMA_FILES } from "../config/json_schema.ts";
import { setProjectValue } from "../config/project_edit.ts";
import { projectText } from "../config/write.ts";
import { checkId } from "../core/ids.ts";
import { Layout } from "../store/layout.ts";
import { denoRunner } from "../system/deno_runner.ts";
import { createExclusive, makeFolder, writeWhole } from "../system/files.ts";
import type { Runner } from "../system/runner.ts";
import { findPlace, type Place } from "./place.ts";
import { writeStarter } from "./templates.ts";

/** What a person answered; what is absent keeps its default. */
export interface InitAnswers {
  /** Slurm account that runs are charged to. */
  account?: string;
  /** Partition that runs go to. */
  partition?: string;
  /** GPUs a node, `2` or with their type `a100:2`; a default of every experiment. */
  gpus?: string;
  /** Time limit of a run, `2h` or `1-12:00:00`; a default of every experiment. */
  time?: string;
}

/** What `init` is told. */
export interface InitRequest {
  /** Id of the project, and name of its folder. */
  name: string;
  /** Folder the project's folder is made in; the scratch folder unless told. */
  parent?: string;
  /** A folder of your code: in a git repository, commands run there. `Deno.cwd()` unless told. */
  cwd?: string;
  /** None unless told. */
  answers?: InitAnswers;
  /** How git and the probes are run; for tests. */
  runner?: Runner;
}

/** A value that was written to the project file, with where it came from. */
export interface InitValue {
  /** Top-level key of `.hpc_config.yaml`. */
  key: string;
  /** As it was written. */
  value: string;
  /** The variable, command or answer it comes from; written as a comment behind it. */
  source: string;
}

/** What `init` did. */
export interface InitOutcome {
  /** The project's folder. */
  root: string;
  /** False when the project was there before. */
  created: boolean;
  /** What was written; empty when the project was there before. */
  detected: InitValue[];
  /** What was not found, one line each; empty when `parent` was given. */
  warnings: string[];
}

/**
 * Creates a project; called again it only adds what is missing and keeps every edit.
 *
 * @throws {UsageError} for a name that is no id, {StorageError} when the folder cannot be made.
 *
 * @example
 * ```ts
 * import { initProject } from "@expflow/cli";
 *
 * const project = { name: "demo", parent: Deno.makeTempDirSync() };
 * const { root, created } = await initProject(project);
 * const again = await initProject(project);
 * if (!created || again.created) throw new Error(`${root}: ${created}, ${again.created}`);
 * ```
 */
export async function initProject(request: InitRequest): Promise<InitOutcome> {
  checkId(request.name, "the name of a project");
  const place = await findPlace(request.runner ?? denoRunner);
  const root = join(request.parent ?? place.scratch.value, request.name);
  const layout = new Layout(root);
  const detected = await projectValues(request, place, layout);
  for (const folder of layout.seed) makeFolder(folder);
  for (const [name, text] of Object.entries(schemas())) {
    writeWhole(join(layout.schemas, name), text);
  }
  const created = createExclusive(layout.config, await configText(layout, detected, request));
  if (created) writeStarter(layout, "baseline", "baseline");
  const warnings = request.parent === undefined ? place.warnings : [];
  return { root, created, detected: created ? detected : [], warnings };
}

function schemas(): Record<string, string> {
  const text = (schema: unknown) => `${JSON.stringify(schema, null, 2)}\n`;
  return {
    [SCHEMA_FILES.experiment]: text(experimentJsonSchema()),
    [SCHEMA_FILES.project]: text(projectJsonSchema()),
  };
}

async function projectValues(
  { name, cwd = Deno.cwd(), runner = denoRunner, answers = {} }: InitRequest,
  { user, scratch, site }: Place,
  layout: Layout,
): Promise<InitValue[]> {
  const top = await runner.run({ argv: ["git", "-C", cwd, "rev-parse", "--show-toplevel"] });
  const code = top.code === 0 ? top.stdout.trim() : undefined;
  const answered = (["account", "partition"] as const).flatMap((key) =>
    answers[key] === undefined ? [] : [{ key, value: answers[key], source: "your answer" }]
  );
  return [
    { key: "project", value: name, source: "the name you gave" },
    { key: "user", value: user.value, source: user.source },
    { key: "scratch", value: scratch.value, source: scratch.source },
    { key: "site", value: site.value.name, source: site.source },
    ...(code === undefined || code === layout.root
      ? []
      : [{ key: "workdir", value: code, source: "the git repository you are in" }]),
    ...answered,
  ];
}

async function configText(
  layout: Layout,
  detected: readonly InitValue[],
  { answers = {} }: InitRequest,
): Promise<string> {
  const schema = relative(layout.root, join(layout.schemas, SCHEMA_FILES.project));
  const values = detected.map(({ key, value, source }) => ({ key, value, comment: source }));
  const scheduler = { key: "scheduler", value: "auto", comment: "auto, local or slurm" };
  let text = projectText([...values, scheduler], schema);
  for (const key of ["gpus", "time"] as const) {
    const value = answers[key];
    if (value !== undefined) text = await setProjectValue(text, `defaults.resources.${key}`, value);
  }
  return text;
}
