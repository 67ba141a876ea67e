import canonicalize from "canonicalize";
import type { Params } from "../core/params.ts";
import { schemaHeader } from "./json_schema.ts";
import { yamlText } from "./write.ts";

/** An experiment that another tool has, as it is written here. */
export interface ImportedExperiment {
  /** The tool, as `dr_exp`. */
  from: string;
  folder: string;
  /** Its name there. */
  name: string;
  /** How its runs stood there, as `2 completed, 1 queued`. */
  counts: string;
  tags: readonly string[];
  /** Absent: the file says how to add one, and cannot be submitted until then. */
  command?: string;
  /** Parameters of each run, all different. */
  points: readonly Params[];
  /** Path of the JSON Schema, relative to the file's folder. */
  schema: string;
}

/**
 * The text of the file of an imported experiment: what all points have in common as `params:`, and
 * the points as a list.
 */
export function importedText(experiment: ImportedExperiment): string {
  const { from, folder, name, counts, tags, command, points, schema } = experiment;
  const { common, varying } = split(points);
  const blocks = [
    schemaHeader(schema) + [
      `Imported from ${from}: the experiment ${json(name)}`,
      `of ${json(folder)}, with ${counts}.`,
      "Another tool ran what has ended: `expflow submit` runs what was queued there.",
    ].map((line) => `# ${line}\n`).join(""),
    command === undefined ? NO_COMMAND(from) : yamlText({ command }),
    yamlText({
      description: `imported from ${from}: ${oneLine(name)}`,
      tags: tags.length > 0 ? tags : undefined,
    }),
    ...Object.keys(common).length > 0 ? [yamlText({ params: common })] : [],
    ...points.length > 1 ? [`sweep:\n  list:\n${varying.map(item).join("")}`] : [],
  ];
  return blocks.join("\n");
}

/** A text that has no command gets one, to find out whether all else is well. */
export function withSomeCommand(text: string): string {
  return `${text}\ncommand: "true"\n`;
}

const NO_COMMAND = (from: string): string =>
  `# ${from} does not say what its jobs ran. Until there is a command, this cannot be submitted:\n` +
  "# command: python train.py\n";

function item(point: Params): string {
  return `    - ${json(point)}\n`;
}

/** JSON is YAML, but for characters that YAML wants escaped. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function split(points: readonly Params[]): { common: Params; varying: Params[] } {
  const [first = {}] = points;
  const common = Object.entries(first).filter(([key, value]) => {
    const text = canonicalize(value);
    return points.every((point) => Object.hasOwn(point, key) && canonicalize(point[key]) === text);
  });
  const names = new Set(common.map(([key]) => key));
  return {
    common: Object.fromEntries(common),
    varying: points.map((point) =>
      Object.fromEntries(Object.entries(point).filter(([key]) => !names.has(key)))
    ),
  };
}

function oneLine(name: string): string {
  return name.replaceAll(/\p{C}+/gu, " ").trim();
}
