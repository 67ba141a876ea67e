import { join, relative } from "node:path";
import { detectEnvironment, type Environment, machinePorts } from "../cluster/detect.ts";
import { experimentJsonSchema, projectJsonSchema, SCHEMA_FILES } from "../config/json_schema.ts";
import { setProjectValue } from "../config/project_edit.ts";
import { projectText } from "../config/write.ts";
import { checkId } from "../core/ids.ts";
import { Layout } from "../store/layout.ts";
import { createExclusive, makeFolder, writeWhole } from "../system/files.ts";
import type { Runner } from "../system/runner.ts";
import { writeStarter } from "./templates.ts";

/** What a person answered; what is absent keeps its default. */
export interface InitAnswers {
  account?: string;
  partition?: string;
  gpus?: string;
  time?: string;
}

/** What `init` is told. */
export interface InitRequest {
  name: string;
  /** Folder the project's folder is made in; the scratch folder unless told. */
  parent?: string;
  /** Where the user stands: in a repository, that is where commands run. */
  cwd: string;
  answers?: InitAnswers;
  runner: Runner;
}

/** A value that was written to the project file, with where it came from. */
export interface InitValue {
  key: string;
  value: string;
  source: string;
}

/** What `init` did. */
export interface InitOutcome {
  root: string;
  /** False when the project was there before. */
  created: boolean;
  detected: InitValue[];
  warnings: string[];
}

/**
 * Creates a project; called again it only adds what is missing and keeps every edit.
 *
 * @throws {UsageError} for a name that is no id, {StorageError} when the folder cannot be made.
 */
export async function initProject(request: InitRequest): Promise<InitOutcome> {
  checkId(request.name, "the name of a project");
  const environment = await detectEnvironment(machinePorts(request.runner));
  const root = join(request.parent ?? environment.scratch.value, request.name);
  const layout = new Layout(root);
  const detected = await projectValues(request, environment, layout);
  for (const folder of layout.seed) makeFolder(folder);
  for (const [name, text] of Object.entries(schemas())) {
    writeWhole(join(layout.schemas, name), text);
  }
  const created = createExclusive(layout.config, await configText(layout, detected, request));
  if (created) writeStarter(layout, "baseline", "baseline");
  const warnings = request.parent === undefined ? environment.warnings : [];
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
  { name, cwd, runner, answers = {} }: InitRequest,
  { user, scratch }: Environment,
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
