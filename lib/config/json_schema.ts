import { z } from "zod";
import { projectSchema } from "./project.ts";
import { RESOURCE_WORDS, resourceName } from "./resource_words.ts";
import { EXPERIMENT_KEYS, experimentSchema } from "./schema.ts";

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Names of the schema files, in the project's folder of schemas. */
export const SCHEMA_FILES = { experiment: "experiment.json", project: "project.json" } as const;

/**
 * The head of a YAML file by which editors find its schema.
 *
 * @param path of the schema, relative to the file's folder.
 */
export function schemaHeader(path: string): string {
  return `# yaml-language-server: $schema=${path}\n`;
}

/** JSON Schema of an experiment file or a template, for editors: completion and checks. */
export function experimentJsonSchema(): JsonSchema {
  const { additionalProperties: _, ...schema } = convert(experimentSchema);
  const block = { required: ["params"], properties: { params: { type: "object" as const } } };
  return {
    ...schema,
    title: "An experiment or a template of expflow",
    // Free keys are parameters or resources, as long as there is no params block.
    if: block,
    then: { propertyNames: { enum: [...EXPERIMENT_KEYS, "<<"] } },
  };
}

/** JSON Schema of `.hpc_config.yaml`. */
export function projectJsonSchema(): JsonSchema {
  return { ...convert(projectSchema), title: "A project of expflow" };
}

function convert(schema: z.ZodType): JsonSchema {
  return lenient(z.toJSONSchema(schema, { target: "draft-7", io: "input" })) as JsonSchema;
}

/** The schema with, in every mapping, what is read beside the plain form. */
function lenient(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lenient);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema);
  const changed = Object.fromEntries(entries.map(([key, value]) => [key, lenient(value)]));
  if (!("properties" in schema)) return changed;
  const properties = changed.properties as Record<string, JsonSchema>;
  const words = "cpus_per_task" in properties ? allWords(properties) : properties;
  const nullable = Object.entries(words).map(([key, value]) => [key, orNull(value)]);
  return { ...changed, properties: { ...Object.fromEntries(nullable), "<<": {} } };
}

/** The properties of `resources` under every word that may be written for them. */
function allWords(properties: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const words = RESOURCE_WORDS.flatMap((word) => [word, word.replaceAll("_", "-")]);
  const others = [...new Set(words)].filter((word) => !Object.hasOwn(properties, word));
  return {
    ...properties,
    ...Object.fromEntries(others.map((word): [string, JsonSchema] => {
      const name = resourceName(word)!;
      if (name === "gres") return [word, { type: "string", description: "gpu:2 or gpu:a100:2" }];
      return [word, { ...properties[name], description: `The same as ${name}` }];
    })),
  };
}

/** `null` takes an inherited value away, and a key with nothing behind it is `null` as well. */
function orNull({ description, ...schema }: JsonSchema): JsonSchema {
  const options = schema.anyOf ?? [schema];
  const nullable = { anyOf: [...options, { type: "null" as const }] };
  return description === undefined ? nullable : { description, ...nullable };
}
