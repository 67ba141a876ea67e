import { dirname, extname, isAbsolute, join, relative, resolve } from "node:path";
import { SCHEMA_FILES } from "../config/json_schema.ts";
import { defineExperiment } from "../config/loader.ts";
import { ConfigError, ConflictError, NotFoundError } from "../core/errors.ts";
import { checkId } from "../core/ids.ts";
import { migrateScript } from "../migration/migrate.ts";
import type { LineReport, Surroundings } from "../migration/model.ts";
import { merged, migratedExperimentText, migratedTemplateText } from "../migration/yaml.ts";
import {
  createExclusive,
  exists,
  makeFolder,
  readIfThere,
  removeIfThere,
} from "../system/files.ts";
import { findPlace } from "./place.ts";
import type { Project } from "./project.ts";

/** How a script is migrated. */
export interface ScriptMigration {
  /** Path of the script. */
  path: string;
  /** Id of the experiment and name of the template; the script's name unless told. */
  id?: string;
  /** Folder that sbatch was called in; the script's unless told. */
  workdir?: string;
  /** Whether a loop over values at its end becomes a sweep. */
  loops?: boolean;
  /** What stood behind the script's name when it was submitted. */
  args?: readonly string[];
  /** Folder for the two files; those of the project unless told. */
  output?: string;
  /** Writes nothing. */
  dryRun?: boolean;
}

/** A file that was written, or would be. */
export interface MigratedFile {
  /** Absolute, if that of `output` was. */
  path: string;
  /** Its whole content, YAML. */
  text: string;
}

/** What became of a script. */
export interface MigratedScript {
  /** Of the experiment, and name of the template. */
  id: string;
  /** What anybody could run. */
  template: MigratedFile;
  /** What belongs to one user and one submission; it extends the template. */
  experiment: MigratedFile;
  /** What became of each line. */
  lines: LineReport[];
  /** What differs, or should be looked at. */
  notes: string[];
  /** Why the script cannot be migrated; only of a dry run. */
  refused?: string;
}

/**
 * Reads a batch script and writes the template and the experiment that do what it does.
 *
 * @throws {NotFoundError} without the script; {ConfigError} where its meaning cannot be kept;
 * {ConflictError} where one of the files exists.
 *
 * @example
 * ```ts
 * import { initProject, migrateSlurmScript, openProject } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const path = `${parent}/train.slurm`;
 * Deno.writeTextFileSync(path, "#!/bin/bash\n#SBATCH --time=10\npython train.py\n");
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * const { template, lines } = await migrateSlurmScript(project, { path });
 * if (!template.text.includes("command: python train.py")) throw new Error(template.text);
 * if (lines[1]?.where !== "resources.time") throw new Error(JSON.stringify(lines));
 * ```
 */
export async function migrateSlurmScript(
  project: Project,
  given: ScriptMigration,
): Promise<MigratedScript> {
  const { path, loops = false, args = [], output, dryRun = false } = given;
  const script = readScript(path);
  const name = path.slice(path.lastIndexOf("/") + 1);
  const id = given.id ?? name.slice(0, name.length - extname(name).length);
  checkId(id, "an experiment id");
  const workdir = given.workdir ?? dirname(path);
  const around = await surroundings(project, workdir);
  const migration = migrateScript({ script, path, id, workdir, loops, args, around });
  const { refusal } = migration;
  if (refusal && !dryRun) throw new ConfigError(refusal.message, { hint: refusal.hint });
  const { layout } = project;
  const env = Deno.env.toObject();
  defineExperiment(layout, id, merged(migration), { env, source: path });
  const place = output === undefined
    ? { template: layout.template(id), experiment: layout.experiment(id) }
    : { template: join(output, `${id}.template.yaml`), experiment: join(output, `${id}.yaml`) };
  const naming = (file: string) => ({
    path,
    template: id,
    schema: relative(dirname(file), join(layout.schemas, SCHEMA_FILES.experiment)),
  });
  const result: MigratedScript = {
    id,
    template: {
      path: place.template,
      text: migratedTemplateText(migration, naming(place.template)),
    },
    experiment: {
      path: place.experiment,
      text: migratedExperimentText(migration, naming(place.experiment)),
    },
    lines: migration.lines,
    notes: migration.notes,
    ...refusal ? { refused: refusal.message } : {},
  };
  if (!dryRun) writeBoth(result);
  return result;
}

function readScript(path: string): string {
  const text = readIfThere(path);
  if (text === undefined) {
    throw new NotFoundError(`Cannot migrate ${path}: there is no such file`, {
      hint: "name the script that you give to sbatch",
    });
  }
  if (text.includes("\0") || text.includes("\uFFFD")) {
    throw new ConfigError(`Cannot migrate ${path}: it is no text in UTF-8`, {
      hint: "name the script that you give to sbatch",
    });
  }
  if (text.trim() === "") {
    throw new ConfigError(`Cannot migrate ${path}: it is empty`, {
      hint: "name the script that you give to sbatch",
    });
  }
  return text;
}

async function surroundings(project: Project, workdir: string): Promise<Surroundings> {
  const { settings, context } = project;
  const scratch = settings.scratch ?? (await findPlace(context.runner)).scratch.value;
  return {
    user: context.user,
    home: Deno.env.get("HOME") ?? "/",
    scratch,
    scratchIsSet: Deno.env.get("SCRATCH") === scratch,
    account: settings.account,
    readText: (path) => readIfThere(isAbsolute(path) ? path : resolve(workdir, path)),
  };
}

function writeBoth({ id, template, experiment }: MigratedScript): void {
  const taken = [template, experiment].find(({ path }) => exists(path));
  if (taken) throw conflict(id, taken.path);
  for (const { path } of [template, experiment]) makeFolder(dirname(path));
  if (!createExclusive(template.path, template.text)) throw conflict(id, template.path);
  if (createExclusive(experiment.path, experiment.text)) return;
  removeIfThere(template.path);
  throw conflict(id, experiment.path);
}

function conflict(id: string, path: string): ConflictError {
  return new ConflictError(`Cannot migrate to ${id}: ${path} exists`, {
    hint: "choose another id with --id, or remove that file",
  });
}
