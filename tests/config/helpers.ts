import type { Experiment } from "../../lib/core/experiment.ts";
import { ExpflowError } from "../../lib/core/errors.ts";
import { buildExperiment } from "../../lib/config/experiment.ts";
import type { TemplateSource } from "../../lib/config/inherit.ts";
import type { MapNode } from "../../lib/config/located.ts";
import { parseOverrides } from "../../lib/config/overrides.ts";
import { readProject } from "../../lib/config/project.ts";
import { resolveTree } from "../../lib/config/resolve.ts";
import { parseYamlMap } from "../../lib/config/yaml.ts";

/** Templates from texts. */
export function templatesOf(files: Record<string, string>): TemplateSource {
  return {
    find: (name) =>
      Object.hasOwn(files, name) ? parseYamlMap(files[name]!, `${name}.yaml`) : undefined,
    names: () => Object.keys(files),
  };
}

/** What surrounds an experiment whose file is a text. */
export interface Around {
  templates?: Record<string, string>;
  /** Text of `.hpc_config.yaml`. */
  project?: string;
  sets?: string[];
}

/** The resolved tree of an experiment `exp.yaml`. */
export function treeOf(
  text: string,
  { templates = {}, project = "", sets = [] }: Around = {},
): MapNode {
  return resolveTree({
    label: "experiment exp",
    file: parseYamlMap(text, "exp.yaml"),
    templates: templatesOf(templates),
    defaults: readProject(project, ".hpc_config.yaml").defaults,
    overrides: parseOverrides(sets),
  });
}

/** The experiment that a text describes. */
export function experimentOf(text: string, around: Around = {}): Experiment {
  return buildExperiment("exp", treeOf(text, around), {
    folder: "/project",
    env: { HOME: "/home/me", SCRATCH: "/scratch/me" },
  });
}

/** `message | hint` of the error that an action ends with. */
export function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ExpflowError) return `${error.message} | ${error.hint ?? ""}`;
    throw error;
  }
  throw new Error("it did not fail");
}
