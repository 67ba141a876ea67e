import { join, relative } from "node:path";
import { SCHEMA_FILES } from "../config/json_schema.ts";
import * as config from "../config/loader.ts";
import { formatOrigin, provenance, toValue } from "../config/located.ts";
import { templateText } from "../config/write.ts";
import { ConflictError } from "../core/errors.ts";
import { checkId } from "../core/ids.ts";
import type { Layout } from "../store/layout.ts";
import { createExclusive, makeFolder } from "../system/files.ts";
import type { Project } from "./project.ts";

/** The project's templates, and the shipped ones they do not hide. */
export function listTemplates(project: Project): config.TemplateName[] {
  return config.listTemplates(project.layout);
}

/** A template with everything it inherits. */
export interface LoadedTemplate {
  /** Its keys as in an experiment file; it need not be complete. */
  values: Record<string, unknown>;
  /** Dotted key → file:line:col. */
  provenance: Record<string, string>;
}

/**
 * Reads a template of the project, or a shipped one, with everything it inherits.
 *
 * @throws {NotFoundError} when there is none of this name, {ConfigError} when it is wrong.
 *
 * @example
 * ```ts
 * import { initProject, loadTemplate, openProject } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * const { values, provenance } = loadTemplate(project, "cpu-array");
 * const { cpus_per_task } = values.resources as { cpus_per_task: number };
 * if (cpus_per_task !== 2) throw new Error(provenance["resources.cpus_per_task"]);
 * ```
 */
export function loadTemplate(project: Project, name: string): LoadedTemplate {
  const tree = config.loadTemplate(project.layout, name);
  return {
    values: toValue(tree) as Record<string, unknown>,
    provenance: Object.fromEntries(
      provenance(tree).map(({ path, origin }) => [path, formatOrigin(origin)]),
    ),
  };
}

/**
 * Writes a commented template to edit: a copy of a shipped one (of the same name, else `baseline`,
 * unless told).
 *
 * @returns its path.
 * @throws {NotFoundError} for an unknown shipped one, {ConflictError} when the template exists.
 */
export function createTemplate(project: Project, name: string, from?: string): string {
  checkId(name, "the name of a template");
  const shipped = listTemplates(project).some((template) => template.name === name);
  const path = writeStarter(project.layout, name, from ?? (shipped ? name : "baseline"));
  if (path !== undefined) return path;
  throw new ConflictError(
    `Cannot create the template ${name}: ${project.layout.template(name)} exists`,
    { hint: "choose another name, or edit that file" },
  );
}

/** Copies a shipped template into a project. @returns its path, or nothing when it was there. */
export function writeStarter(layout: Layout, name: string, starter: string): string | undefined {
  const schema = relative(layout.templates, join(layout.schemas, SCHEMA_FILES.experiment));
  makeFolder(layout.templates);
  const path = layout.template(name);
  return createExclusive(path, templateText(starter, schema)) ? path : undefined;
}
