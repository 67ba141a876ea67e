import { z } from "zod";
import { asText, changed, inMap, withoutEmpty } from "./edits.ts";
import { check } from "./explain.ts";
import { type Entry, errorAt, mapAt, type MapNode, mapNode } from "./located.ts";
import { exportRule } from "./export_rule.ts";
import { normalForm } from "./normal_form.ts";
import { overlayMaps } from "./overlay.ts";
import { choice, count, line, mapping, word } from "./rules.ts";
import { experimentSchema } from "./schema.ts";
import { syncOf, syncSchema, type SyncTarget } from "./sync_block.ts";
import { defined } from "./values.ts";
import { parseYamlMap, refuseBases } from "./yaml.ts";

/** Version of `.hpc_config.yaml` that this expflow writes; a newer one is refused. */
export const PROJECT_VERSION = 1;

const { extends: _, reproduces: __, ...fragment } = experimentSchema.shape;
const scheduler = choice("auto", "slurm", "local", "queue");

const GPUS = "a whole number, 0 or more | write it without quotes";

/** `.hpc_config.yaml`. */
export const projectSchema = mapping({
  version: z.literal(PROJECT_VERSION, {
    error: `${PROJECT_VERSION} | this is the version of the file, not of the project`,
  })
    .optional().describe("Version of this file"),
  project: line.optional().describe("Name of the project"),
  user: line.optional().describe("Who works here"),
  account: word.optional().describe("Account that jobs are charged to, unless they say"),
  partition: word.optional().describe("Partition that jobs go to, unless they say"),
  scratch: line.optional().describe("Scratch folder of the user"),
  scheduler: scheduler.optional().describe(
    "auto: Slurm where there is one, else the local scheduler; queue: workers take the runs",
  ),
  site: word.optional().describe("Site profile that jobs are written for: `expflow sites`"),
  workdir: line.optional().describe("Where commands run, unless an experiment says"),
  defaults: mapping(fragment).optional().describe(
    "What every experiment inherits, below its templates",
  ),
  local: mapping({
    cpus: count.optional().describe("CPU slots of the local scheduler"),
    gpus: z.int({ error: GPUS }).min(0, { error: GPUS })
      .optional().describe("GPU slots of the local scheduler"),
  }).optional().describe("What the local scheduler may use"),
  slurm: mapping({
    export: exportRule.optional().describe(
      "What jobs inherit, sbatch's --export; NONE unless the site says otherwise",
    ),
  }).optional().describe("How jobs are handed to Slurm"),
  ai: mapping({
    provider: word.optional().describe("Who is asked: gemini"),
    model: word.optional().describe("Its model; the provider's current fast one unless told"),
  }).optional().describe("Who writes advice for --ai"),
  sync: syncSchema.optional().describe("Where results are sent, by a name for each destination"),
});

/** What `.hpc_config.yaml` says. */
export interface ProjectSettings {
  /** The name given to `init`. */
  project?: string;
  /** Written into submissions; `$USER` where it is absent. */
  user?: string;
  /** What experiments are charged to, unless they say otherwise. */
  account?: string;
  /** Where experiments run, unless they say otherwise. */
  partition?: string;
  /** The scratch folder that `init` found. */
  scratch?: string;
  /** `local` is the embedded one, `queue` that of workers; `auto` leaves the choice to expflow. */
  scheduler: "auto" | "slurm" | "local" | "queue";
  /** Profile of the site; `generic` where it is absent. */
  site?: string;
  /** As it is written, perhaps relative to the project. */
  workdir?: string;
  /** Slots of the local scheduler; what the machine has where they are absent. */
  local: { cpus?: number; gpus?: number };
  /** `export`: value of sbatch's `--export`, names divided by commas; the site's where absent. */
  slurm: { export?: string };
  /** Who writes advice when it is asked to; everything absent is the provider's own choice. */
  ai: { provider?: string; model?: string };
  /** Where results are sent, by name. */
  sync: Record<string, SyncTarget>;
}

/** The settings, and the layer that lies below all templates. */
export interface Project {
  settings: ProjectSettings;
  defaults: MapNode;
}

/**
 * Reads the text of a `.hpc_config.yaml`.
 *
 * @param file how messages name it.
 * @throws {ConfigError} when it is wrong, or written by a newer expflow.
 */
export function readProject(text: string, file: string): Project {
  const raw = withoutEmpty(parseYamlMap(text, file));
  refuseBases(raw);
  checkVersion(raw);
  const texts = ["account", "partition", "site"].reduce(
    (map, key) => changed(map, key, asText),
    raw,
  );
  const tree = changed(texts, "defaults", inMap(normalForm));
  const { version: _, defaults: __, ...said } = check(projectSchema, tree);
  const settings = defined({
    ...said,
    account: said.account?.toString(),
    partition: said.partition?.toString(),
    site: said.site?.toString(),
    scheduler: said.scheduler ?? "auto",
    local: said.local ?? {},
    slurm: defined({ export: said.slurm?.export && [said.slurm.export].flat().join() }),
    ai: defined({ provider: said.ai?.provider?.toString(), model: said.ai?.model?.toString() }),
    sync: syncOf(said.sync),
  });
  return { settings, defaults: defaultsOf(tree) };
}

function checkVersion(tree: MapNode): void {
  const node = tree.entries.get("version")?.value;
  if (node?.kind !== "scalar" || typeof node.value !== "number") return;
  if (node.value <= PROJECT_VERSION) return;
  throw errorAt(
    node.at,
    `Cannot read version ${node.text}: this project was written by a newer expflow, expected ` +
      `version ${PROJECT_VERSION}`,
    "use the expflow that wrote it, or a newer one",
  );
}

/** `account`, `partition` and `workdir` below the `defaults` block. */
function defaultsOf(project: MapNode): MapNode {
  const pick = (keys: string[]) =>
    Array.from(project.entries).filter(([key]) => keys.includes(key));
  const resources = pick(["account", "partition"]);
  const entries: [string, Entry][] = pick(["workdir"]);
  if (resources.length > 0) {
    entries.push(["resources", { key: project.at, value: mapNode(project.at, resources) }]);
  }
  const own = mapNode(project.at, entries);
  const defaults = mapAt(project, "defaults");
  return defaults ? overlayMaps(own, defaults) : own;
}
