import type { HarvestFile, HarvestSpec } from "../core/experiment.ts";
import { asArray } from "./resource_block.ts";
import { entryAt, errorAt, type MapNode, type Origin } from "./located.ts";
import type { ExperimentFile } from "./schema.ts";

const FORMATS: Record<string, HarvestFile["format"]> = {
  json: "json",
  jsonl: "jsonl",
  ndjson: "jsonl",
  csv: "csv",
  tsv: "csv",
};

/** Formats of several files: they are looked for in a folder. */
const FOLDER_FORMATS: readonly string[] = [
  "lightning",
  "trainer",
  "tensorboard",
  "wandb",
  "mlflow",
  "hydra",
] satisfies HarvestFile["format"][];

type Block = Exclude<ExperimentFile["harvest"], undefined>;
type Whole = Exclude<Block, string | unknown[]>;
type FileBlock = Exclude<Exclude<Whole["files"], string | undefined>[number], string>;

/** What `harvest:` says, in full; without one, nothing is declared. */
export function harvestOf(block: ExperimentFile["harvest"], tree: MapNode): HarvestSpec {
  if (block === undefined) return { files: [], direction: {} };
  const whole: Whole = typeof block === "string" || Array.isArray(block) ? { files: block } : block;
  const given = whole.files ?? [];
  const files = typeof given === "string" ? [given] : given;
  return {
    files: files.map((file, index) => {
      const path = ["harvest", "files", ...(typeof given === "string" ? [] : [index])];
      const at = entryAt(tree, path)?.value.at ?? tree.at;
      return fileOf(typeof file === "string" ? namedFile(file) : file, at);
    }),
    direction: whole.direction ?? {},
    ...(whole.artifacts === undefined ? {} : { artifacts: artifactsOf(whole.artifacts, tree) }),
  };
}

/** `tensorboard` is a format, anything else a path. */
function namedFile(text: string): FileBlock {
  return FOLDER_FORMATS.includes(text) ? { format: text as HarvestFile["format"] } : { path: text };
}

function artifactsOf(given: NonNullable<Whole["artifacts"]>, tree: MapNode): string[] {
  const patterns = asArray(given);
  const at = entryAt(tree, ["harvest", "artifacts"])?.value.at ?? tree.at;
  for (const pattern of patterns) checkInside(pattern, at);
  return patterns;
}

function checkInside(path: string, at: Origin): void {
  if (!path.startsWith("/") && !path.split("/").includes("..")) return;
  const problem = "expected a path inside the run's folder";
  throw errorAt(at, `Cannot harvest ${JSON.stringify(path)}: ${problem}`, "write result.json");
}

function defaultPath({ regex, format }: FileBlock): string | undefined {
  if (regex) return "stdout";
  return format && FOLDER_FORMATS.includes(format) ? "." : undefined;
}

function fileOf(file: FileBlock, at: Origin): HarvestFile {
  const path = file.path ?? defaultPath(file);
  if (path === undefined) {
    throw errorAt(at, "Cannot harvest: it has no path", "add path: result.json");
  }
  checkInside(path, at);
  const patterns = file.regex ?? {};
  for (const [metric, pattern] of Object.entries(patterns)) checkPattern(metric, pattern, at);
  const metrics = file.metrics ?? [];
  return {
    path,
    format: formatOf(file, path, at),
    patterns,
    metrics: typeof metrics === "string" ? [metrics] : metrics,
    required: file.required ?? true,
  };
}

function formatOf(file: FileBlock, path: string, at: Origin): HarvestFile["format"] {
  const cannot = `Cannot harvest ${JSON.stringify(path)}`;
  if (file.regex ? (file.format ?? "regex") !== "regex" : file.format === "regex") {
    const hint = "regex: {acc: 'acc=([0-9.]+)'} goes with format: regex, or with no format";
    throw errorAt(at, `${cannot}: its format and regex do not go together`, hint);
  }
  if (file.regex) return "regex";
  const format = file.format ?? FORMATS[path.split(".").at(-1)!.toLowerCase()];
  if (format) return format;
  throw errorAt(
    at,
    `${cannot}: its format is not known, expected .json, .jsonl, .csv, .tsv, or format:`,
    "add format: json, tensorboard, … or regex: {metric: expression}",
  );
}

function checkPattern(metric: string, pattern: string, at: Origin): void {
  const cannot = `Cannot harvest ${metric} with ${JSON.stringify(pattern)}`;
  try {
    const groups = new RegExp(`${pattern}|`).exec("")!.length - 1;
    if (groups === 1) return;
    throw errorAt(
      at,
      `${cannot}: it has ${groups} groups, expected 1`,
      "put the number in ( ); a group that only joins is (?: )",
    );
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const reason = error.message.replace(/^.*: /, "");
    throw errorAt(at, `${cannot}: ${reason}`, "quote it, '…', and write \\( for a plain bracket");
  }
}
