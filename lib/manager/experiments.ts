import { join, relative } from "node:path";
import * as config from "../config/loader.ts";
import { formatOrigin, provenance } from "../config/located.ts";
import { expandSweep } from "../config/sweep.ts";
import { parseSweepLine } from "../config/sweep_line.ts";
import { SCHEMA_FILES } from "../config/json_schema.ts";
import { experimentText } from "../config/write.ts";
import { ConflictError } from "../core/errors.ts";
import type { Experiment, RunPoint } from "../core/experiment.ts";
import { checkId } from "../core/ids.ts";
import { suggestedPoints } from "../search/journal.ts";
import { createExclusive, exists, makeFolder } from "../system/files.ts";
import type { Project } from "./project.ts";

/** An experiment as it would be submitted now. */
export interface LoadedExperiment {
  /** Templates merged, defaults filled in, stages in order. */
  experiment: Experiment;
  /** The points of its sweep, or those that its search suggested so far, as a stream that can be had again. */
  points: () => Iterable<RunPoint>;
  /** Dotted key → file:line:col, `--set`, or `default`. */
  provenance: Record<string, string>;
  /** Dotted key → value. */
  values: Record<string, unknown>;
}

/**
 * Reads and resolves an experiment; a manager's own scripts are in the place of commands.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, loadExperiment, openProject } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { set: ["params.lr=0.5"] });
 * const { experiment, provenance } = loadExperiment(project, "exp001");
 * if (experiment.params.lr !== 0.5) throw new Error("the file does not win over its template");
 * if (!provenance["params.epochs"]?.includes("baseline.yaml:")) throw new Error("no provenance");
 * ```
 */
export function loadExperiment(project: Project, id: string): LoadedExperiment {
  return withHooks(project, config.loadExperiment(project.layout, id, loadOptions(project)));
}

/** As `loadExperiment`, for the text of a file that is perhaps not written yet. */
export function readExperimentText(project: Project, id: string, text: string): Experiment {
  const loaded = config.readExperiment(project.layout, id, text, loadOptions(project));
  return withHooks(project, loaded).experiment;
}

function withHooks(
  project: Project,
  { experiment, tree }: config.LoadedExperiment,
): LoadedExperiment {
  const places = provenance(tree);
  const stages = experiment.stages.map((stage) => ({
    ...stage,
    command: project.hooks.stageScript({ experiment, stage }),
  }));
  return {
    experiment: { ...experiment, stages },
    points: () =>
      experiment.search
        ? suggestedPoints(project.layout.search(experiment.id))
        : expandSweep(experiment.sweep, experiment.params),
    provenance: Object.fromEntries(places.map(({ path, origin }) => [path, formatOrigin(origin)])),
    values: Object.fromEntries(places.map(({ path, value }) => [path, value])),
  };
}

/** Ids of the experiments that have a file, sorted. */
export function listExperiments(project: Project): string[] {
  return config.listExperiments(project.layout);
}

/** What can be told of an experiment whose file may be wrong. */
export function peekExperiment(
  project: Project,
  id: string,
): Pick<Experiment, "description" | "tags"> | undefined {
  try {
    return loadExperiment(project, id).experiment;
  } catch {
    return undefined;
  }
}

/** What a new experiment says. */
export interface NewExperiment {
  /** Name of the template; `baseline` unless told, or a `command` is given. */
  template?: string;
  /** What it is about; shown by `list`. */
  description?: string;
  /** Words to find it by. */
  tags?: string[];
  /** Overrides, each `key=value`, as `params.lr=0.1`. */
  set?: string[];
  /** As `model=r18,r50 optim.lr=0.1,0.01`. */
  sweep?: string;
  /** In the place of a template's. */
  command?: string;
  /** Where the command runs; as the project says unless told. */
  workdir?: string;
  /** `argparse`, `hydra` or `none`. */
  args?: string;
}

/**
 * Writes the file of a new experiment, after it was checked as a whole.
 *
 * @returns its path.
 * @throws {ConflictError} when there is one with this id, {ConfigError} when something is wrong.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, loadExperiment, openProject } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * const path = createExperiment(project, "exp001", {
 *   template: "baseline",
 *   description: "which learning rate",
 *   sweep: "lr=0.1,0.01 seed=0,1,2",
 * });
 * const points = [...loadExperiment(project, "exp001").points()];
 * if (points.length !== 6) throw new Error(`${path} has ${points.length} runs`);
 * ```
 */
export function createExperiment(
  project: Project,
  id: string,
  given: NewExperiment = {},
): string {
  checkId(id, "an experiment id");
  const { layout } = project;
  const path = layout.experiment(id);
  if (exists(path)) throw taken(id, path);
  const { command, workdir, args, sweep } = given;
  const template = given.template ?? (command === undefined ? "baseline" : undefined);
  const text = experimentText({
    id,
    extends: template === undefined ? [] : [template],
    description: given.description,
    tags: given.tags,
    body: {
      command,
      workdir,
      args,
      sweep: sweep === undefined ? undefined : parseSweepLine(sweep),
    },
    sets: given.set,
    schema: relative(layout.experiments, join(layout.schemas, SCHEMA_FILES.experiment)),
  });
  config.readExperiment(layout, id, text, loadOptions(project));
  makeFolder(layout.experiments);
  if (!createExclusive(path, text)) throw taken(id, path);
  return path;
}

function loadOptions({ hooks }: Project): config.LoadOptions {
  return { env: Deno.env.toObject(), ownStages: hooks.ownStages };
}

function taken(id: string, path: string): ConflictError {
  return new ConflictError(`Cannot create the experiment ${id}: ${path} exists`, {
    hint: "choose another id, or edit that file",
  });
}
