import { join, relative } from "node:path";
import { NotFoundError } from "../core/errors.ts";
import type { Experiment, Sweep } from "../core/experiment.ts";
import { checkId, isId } from "../core/ids.ts";
import { didYouMean } from "../core/suggest.ts";
import { namesIn, readIfThere } from "../system/files.ts";
import { buildExperiment, checkTemplate } from "./experiment.ts";
import type { TemplateSource } from "./inherit.ts";
import { mapFromValue, type MapNode } from "./located.ts";
import { parseOverrides } from "./overrides.ts";
import { type Project, readProject } from "./project.ts";
import { withOwnStages } from "./own_stages.ts";
import { resolveTree } from "./resolve.ts";
import { STARTERS } from "./templates.gen.ts";
import { parseYamlMap } from "./yaml.ts";

/** Where the files of a project are; all absolute. A `Layout` is one. */
export interface ConfigPlace {
  root: string;
  /** `.hpc_config.yaml` */
  config: string;
  /** Folder of `<id>.yaml`. */
  experiments: string;
  /** Folder of `<name>.yaml`. */
  templates: string;
}

/** What is given beside the file of an experiment. */
export interface LoadOptions {
  /** Variables for `~` and `$SCRATCH` in paths. */
  env: Record<string, string | undefined>;
  /** `--set`, each `key=value`. */
  sets?: readonly string[];
  /** `--sweep`, takes the place of the file's. */
  sweep?: Sweep;
  /** Stages whose command a program writes: the file need not have one. */
  ownStages?: readonly string[];
}

/** An experiment, and the tree that it was built from, for `provenance`. */
export interface LoadedExperiment {
  experiment: Experiment;
  tree: MapNode;
}

/** Reads the project's own file; an empty one where there is none. */
export function loadProject(place: ConfigPlace): Project {
  return readProject(readIfThere(place.config) ?? "", shown(place, place.config));
}

/**
 * Reads, resolves and checks an experiment of a project.
 *
 * @throws {NotFoundError} when there is no such experiment.
 * @throws {ConfigError} with file:line:col, when it is wrong.
 */
export function loadExperiment(
  place: ConfigPlace,
  id: string,
  options: LoadOptions,
): LoadedExperiment {
  const path = experimentPath(place, id);
  const text = readIfThere(path);
  if (text !== undefined) return readExperiment(place, id, text, options);
  throw new NotFoundError(`Cannot find the experiment ${id}: there is no ${shown(place, path)}`, {
    hint: didYouMean(id, listExperiments(place)),
  });
}

/** As {@linkcode loadExperiment}, for the text of a file that is perhaps not written yet. */
export function readExperiment(
  place: ConfigPlace,
  id: string,
  text: string,
  options: LoadOptions,
): LoadedExperiment {
  const file = parseYamlMap(text, shown(place, experimentPath(place, id)));
  return build(place, id, file, options);
}

/**
 * As {@linkcode loadExperiment}, for an experiment that a program or a command line describes and
 * no file; `source` is what messages and provenance call it.
 */
export function defineExperiment(
  place: ConfigPlace,
  id: string,
  description: object,
  options: LoadOptions & { source: string },
): LoadedExperiment {
  const file = mapFromValue(description, { source: options.source });
  return build(place, checkId(id, "an experiment id"), file, options);
}

function build(
  place: ConfigPlace,
  id: string,
  file: MapNode,
  { env, sets = [], sweep, ownStages = [] }: LoadOptions,
): LoadedExperiment {
  const tree = resolveTree({
    label: `experiment ${id}`,
    file,
    templates: templateSource(place),
    defaults: loadProject(place).defaults,
    sweep,
    overrides: parseOverrides(sets),
  });
  const full = withOwnStages(tree, ownStages);
  return { experiment: buildExperiment(id, full, { folder: place.root, env }), tree };
}

/**
 * Reads and resolves a template with everything that it inherits. It need not be complete.
 *
 * @throws {NotFoundError} when there is no such template.
 */
export function loadTemplate(place: ConfigPlace, name: string): MapNode {
  const templates = templateSource(place);
  const file = templates.find(checkId(name, "the name of a template"));
  if (!file) {
    throw new NotFoundError(`Cannot find the template ${name}`, {
      hint: didYouMean(name, templates.names()),
    });
  }
  const tree = resolveTree({ label: name, file, templates });
  checkTemplate(tree);
  return tree;
}

/** Ids of the experiments of a project, sorted. */
export function listExperiments(place: ConfigPlace): string[] {
  return yamlNames(place.experiments);
}

/** A template that can be extended. */
export interface TemplateName {
  name: string;
  /** A project's template hides a shipped one of the same name. */
  origin: "project" | "shipped";
}

/** The templates of a project and those that are shipped, sorted. */
export function listTemplates(place: ConfigPlace): TemplateName[] {
  const own = yamlNames(place.templates);
  const shipped = Object.keys(STARTERS).filter((name) => !own.includes(name));
  return [
    ...own.map((name): TemplateName => ({ name, origin: "project" })),
    ...shipped.map((name): TemplateName => ({ name, origin: "shipped" })),
  ].sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Templates of the project, then the shipped ones. */
export function templateSource(place: ConfigPlace): TemplateSource {
  return {
    find(name) {
      if (!isId(name)) return undefined;
      const path = join(place.templates, `${name}.yaml`);
      const own = readIfThere(path);
      if (own !== undefined) return parseYamlMap(own, shown(place, path));
      if (!Object.hasOwn(STARTERS, name)) return undefined;
      return parseYamlMap(STARTERS[name]!, `expflow:${name}.yaml`);
    },
    names: () => listTemplates(place).map(({ name }) => name),
  };
}

function experimentPath(place: ConfigPlace, id: string): string {
  return join(place.experiments, `${checkId(id, "an experiment id")}.yaml`);
}

function yamlNames(folder: string): string[] {
  return namesIn(folder).filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length)).filter(isId).sort();
}

function shown(place: ConfigPlace, path: string): string {
  return relative(place.root, path);
}
