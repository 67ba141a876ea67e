import { basename } from "node:path";
import { schemaHeader } from "../config/json_schema.ts";
import { yamlText } from "../config/write.ts";
import type { Migration } from "./model.ts";

/** Where the two files are, as comments and editors need it. */
export interface Naming {
  /** Path of the script. */
  path: string;
  /** Name of the template. */
  template: string;
  /** Path of the JSON Schema, relative to the files. */
  schema: string;
}

/** The text of the template; comments of the script that belong to no command stand at its top. */
export function migratedTemplateText(
  { template, comments }: Migration,
  { path, schema }: Naming,
): string {
  const said = comments.map((comment) => `# ${comment.replace(/^#+\s*/, "")}`.trimEnd() + "\n");
  return `${schemaHeader(schema)}# Read from ${basename(path)} by \`expflow migrate script\`.\n` +
    `${said.join("")}${yamlText(template)}`;
}

/** The text of the experiment that extends it. */
export function migratedExperimentText(
  { experiment }: Migration,
  { template, schema }: Naming,
): string {
  return schemaHeader(schema) + yamlText({ extends: template, ...experiment });
}

/** Both as one, as an experiment resolves them. */
export function merged({ template, experiment }: Migration): Record<string, unknown> {
  const both = { ...template, ...experiment };
  for (const block of ["resources", "environment"]) {
    if (template[block] && experiment[block]) both[block] = overlaid(template, experiment, block);
  }
  return both;
}

function overlaid(weak: Migration["template"], strong: Migration["template"], block: string) {
  const [below, above] = [weak[block], strong[block]] as Record<string, unknown>[];
  const env = { ...below!.env as object, ...above!.env as object };
  const all = { ...below, ...above };
  return Object.keys(env).length > 0 ? { ...all, env } : all;
}
