import { dump, visit } from "js-yaml";
import { NotFoundError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { schemaHeader } from "./json_schema.ts";
import { toValue } from "./located.ts";
import { parseOverrides } from "./overrides.ts";
import { STARTERS } from "./templates.gen.ts";

/** What `new` was told. */
export interface NewExperiment {
  id: string;
  /** Templates to extend, the later ones stronger. */
  extends: readonly string[];
  description?: string;
  tags?: readonly string[];
  /** Other keys of the file, as they are. */
  body?: Record<string, unknown>;
  /** `--set`, each `key=value`. */
  sets?: readonly string[];
  /** Path of the JSON Schema, relative to the file's folder. */
  schema: string;
}

/**
 * The text of a new experiment file.
 *
 * @throws {UsageError} when one of `sets` cannot be read.
 */
export function experimentText(experiment: NewExperiment): string {
  const { id, extends: bases, description, tags = [], body = {}, sets = [], schema } = experiment;
  const { params, resources, ...others } = toValue(parseOverrides(sets)) as Record<string, unknown>;
  const blocks = [
    schemaHeader(schema) +
    (bases.length > 0 ? `# The rest is in the template: expflow show ${id} --provenance\n` : "") +
    yamlText({
      extends: bases.length === 1 ? bases[0] : bases.length > 1 ? bases : undefined,
      description: description === "" ? undefined : description,
      tags: tags.length > 0 ? tags : undefined,
      ...body,
      ...others,
    }),
    params === undefined ? "# params:\n#   lr: 0.1\n" : yamlText({ params }),
    resources === undefined ? '# resources:\n#   time: "02:00:00"\n' : yamlText({ resources }),
  ];
  return blocks.join("\n");
}

/**
 * The text of a new template: a copy of a shipped one.
 *
 * @param schema path of the JSON Schema, relative to the file's folder.
 * @throws {NotFoundError} when none of this name is shipped.
 */
export function templateText(starter: string, schema: string): string {
  if (Object.hasOwn(STARTERS, starter)) return schemaHeader(schema) + STARTERS[starter];
  throw new NotFoundError(`Cannot find the shipped template ${JSON.stringify(starter)}`, {
    hint: didYouMean(starter, Object.keys(STARTERS)),
  });
}

/** A value of a new project file. */
export interface ProjectValue {
  key: string;
  /** Left out where nothing was found. */
  value?: string | number;
  /** Where it was found, or what it is for: the comment behind it. */
  comment?: string;
}

/** The text of a new `.hpc_config.yaml`; a value that was not found is there as a comment. */
export function projectText(values: readonly ProjectValue[], schema: string): string {
  const lines = values.map(({ key, value, comment }) => {
    const line = value === undefined ? `# ${key}:` : yamlText({ [key]: value }).trimEnd();
    return comment ? `${line}  # ${comment.replaceAll(/\s+/g, " ")}\n` : `${line}\n`;
  });
  return `${schemaHeader(schema)}version: 1\n${lines.join("")}`;
}

/** A mapping as YAML; keys without a value are left out. */
export function yamlText(value: Record<string, unknown>): string {
  const given = Object.entries(value).filter(([, item]) => item !== undefined);
  if (given.length === 0) return "";
  return dump(Object.fromEntries(given), {
    lineWidth: -1,
    quoteStyle: "double",
    noRefs: true,
    transform: (documents) =>
      visit(documents, (node) => {
        // 1e-7, and not 1.e-7
        if (node.kind === "scalar" && node.tag.endsWith(":float")) {
          node.value = node.value.replace(".e", "e");
        }
      }),
  });
}
