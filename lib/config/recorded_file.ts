import type { Experiment, HarvestSpec, Stage } from "../core/experiment.ts";
import { schemaHeader } from "./json_schema.ts";
import { defined } from "./values.ts";
import { yamlText } from "./write.ts";

/** An experiment of one run, to be written down with all its values. */
export interface RecordedFile {
  /** Everything resolved; its sweep may only have seeds. */
  experiment: Experiment;
  /** The first lines, without `#`. */
  comment: readonly string[];
  /** Path of the JSON Schema, relative to the file's folder. */
  schema: string;
}

/** The text of a file that says all of an experiment itself, so that no template is needed. */
export function recordedText({ experiment, comment, schema }: RecordedFile): string {
  const { description, tags, stages, sweep, harvest, params, workdir, snapshot, reproduces } =
    experiment;
  return schemaHeader(schema) + comment.map((line) => `# ${line}\n`).join("") + yamlText({
    description: description === "" ? undefined : description,
    tags: tags.length > 0 ? tags : undefined,
    reproduces,
    workdir,
    snapshot,
    stages: Object.fromEntries(stages.map((stage) => [stage.name, stageBlock(stage)])),
    params: Object.keys(params).length > 0 ? params : undefined,
    sweep,
    harvest: harvestBlock(harvest),
  });
}

function stageBlock(stage: Stage): object {
  const { name: _, after, checkpoint, environment, ...rest } = stage;
  const dependencies = Object.fromEntries(after.map(({ stage, type }) => [stage, type]));
  return defined({
    ...rest,
    after: after.length > 0 ? dependencies : undefined,
    checkpoint: checkpoint && defined({
      ...(/[*?]/.test(checkpoint.path)
        ? { pattern: checkpoint.path }
        : { dir: checkpoint.path || "." }),
      param: checkpoint.param,
    }),
    environment: withoutNothing(environment),
  });
}

/** Without empty lists and mappings, which a file cannot say. */
function withoutNothing(block: object): object {
  return Object.fromEntries(
    Object.entries(block).flatMap(([key, value]) => {
      if (typeof value !== "object" || value === null) return [[key, value]];
      const inner = Array.isArray(value) ? value : withoutNothing(value);
      return Object.keys(inner).length > 0 ? [[key, inner]] : [];
    }),
  );
}

function harvestBlock({ files, direction, artifacts }: HarvestSpec): object | undefined {
  const blocks = files.map(({ path, format, patterns, metrics, required }) =>
    defined({
      path,
      format,
      regex: format === "regex" ? patterns : undefined,
      metrics: metrics.length > 0 ? metrics : undefined,
      required,
    })
  );
  const block = withoutNothing(defined({ files: blocks, direction, artifacts }));
  return Object.keys(block).length > 0 ? block : undefined;
}
