import { z } from "zod";
import { RESOURCE_NAMES } from "../../config/resource_words.ts";
import { exportRule } from "../../config/export_rule.ts";
import { resourcesSchema } from "../../config/resource_schema.ts";
import {
  choice,
  count,
  flag,
  line,
  lines,
  list,
  mapping,
  readable,
  record,
} from "../../config/rules.ts";
import { parseDuration } from "../../core/durations.ts";

const SOURCE = "S: and where it was seen, or K | write S: <document>, or K for general knowledge";
const PATTERN = "a regular expression | as in ^login\\d+\\.example\\.org$";
const TIME = "a time | write 02:00:00 or 2h";
const VARIABLE = "a name of a variable | letters, digits and _";

const resourceNames = list(
  z.enum(RESOURCE_NAMES as [string, ...string[]], {
    error: "a resource | use the words of `resources`",
  }),
);
const pattern = line.refine(isPattern, { error: PATTERN });
const time = line.refine(readable(parseDuration), { error: TIME });
const variable = line.regex(/^[A-Za-z_]\w*$/, { error: VARIABLE });
const source = line.regex(/^(?:S: \S.*|K)$/, { error: SOURCE });

const gpuType = mapping({
  name: line.optional().describe("How sbatch calls it here"),
  constraint: line.optional().describe("Features of the nodes that have it"),
  partition: line.optional().describe("Partition that has it"),
  per_node: count.optional().describe("Such GPUs in a node"),
});

const siteFlag = mapping({
  comment: line.optional().describe("Word of --comment; {} is the value"),
  line: line.regex(/^#(?!SBATCH|!)/, {
    error: "a comment that the site reads | begin it with #, but not #SBATCH",
  }).optional().describe("Line of the script that the site reads"),
  qos: line.optional().describe("Quality of service that means it"),
});

/** What expflow knows of a site, as a file: shipped, of a project, or of a user. */
export const profileSchema = mapping({
  extends: line.optional().describe("Profile that this one changes"),
  title: line.optional().describe("The site's own name"),
  scheduler: choice("slurm", "lsf", "pbs").optional().describe("slurm unless told"),
  identify: mapping({
    env: record(list(line)).optional().describe("Variable → its values here, in any case"),
    marker: record(list(line)).optional().describe("File → what is in it here"),
    cluster: list(line).optional().describe("ClusterName of Slurm, SLURM_CLUSTER_NAME"),
    fqdn: list(pattern).optional().describe("Regular expressions of full host names"),
  }).optional(),
  gpu: mapping({
    request: choice("gres", "gpus-per-node", "gpus", "none").optional(),
    type: choice("request", "constraint", "partition", "none").optional()
      .describe("Where the type is said"),
    types: record(gpuType).optional().describe("Types that are known here"),
    per_node: count.optional().describe("GPUs in a node"),
    constraint: line.optional().describe("Feature of all nodes with GPUs"),
    partition: line.optional().describe("Partition for GPUs when none is given"),
    cpus: count.optional().describe("CPUs that go with a GPU"),
    vendor: choice("nvidia", "amd").optional(),
  }).optional(),
  cpu: mapping({
    constraint: line.optional().describe("Feature of the nodes for jobs without GPUs"),
    partition: line.optional().describe("Partition without GPUs when none is given"),
  }).optional(),
  account: mapping({
    example: line.optional().describe("How accounts look"),
    command: line.optional().describe("Command that lists the user's"),
    suffixes: list(mapping({
      suffix: z.string().describe("What the account ends with; may be empty"),
      partition: pattern.optional().describe("In partitions whose name matches"),
      gpus: flag.optional().describe("Of jobs with GPUs, or without"),
    })).optional().describe("The first that matches the job counts"),
  }).optional(),
  partitions: lines.optional().describe("Names that were seen"),
  qos: lines.optional().describe("Names that were seen"),
  required: resourceNames.optional().describe("Resources a job must name"),
  discouraged: resourceNames.optional().describe("Resources a job had better not name"),
  forbidden: resourceNames.optional().describe("Resources a job may not name"),
  omit: resourceNames.optional().describe("Resources that are left out of the script"),
  defaults: resourcesSchema.omit({ gpus: true, gpu_type: true, sbatch: true }).optional().describe(
    "Resources where the job says nothing",
  ),
  sbatch: list(line).optional().describe("Further options of sbatch"),
  time_limits: list(mapping({
    nodes: count.optional().describe("For jobs up to so many nodes"),
    time,
  })).optional().describe("Longest time by number of nodes, the smallest jobs first"),
  whole_nodes: flag.optional().describe("Whether jobs get whole nodes, asked for or not"),
  flags: mapping({
    gpu_mps: siteFlag.optional(),
    preemptible: siteFlag.optional(),
    requeue: siteFlag.optional(),
    ram_disk: siteFlag.optional(),
  }).optional().describe("How the site wants to be told of resources of the same name"),
  export: exportRule.optional().describe("What --export is to be: NONE, NIL, ALL or a list"),
  unset: list(variable).optional().describe("Variables that jobs must not inherit"),
  env: record(z.string()).optional().describe("Variables of jobs, unless they set them"),
  tmp: list(variable).optional().describe("Variables that name a fast folder: TMPDIR is the first"),
  srun: mapping({
    mpi: line.optional().describe("--mpi"),
    cpu_bind: line.optional().describe("--cpu-bind"),
    gpu_bind: line.optional().describe("--gpu-bind"),
  }).optional().describe("Options that srun gets through its variables"),
  container: mapping({
    runtime: choice("singularity", "apptainer").optional(),
    images: line.optional().describe("Folder of the site's images: site:NAME is found there"),
    overlays: line.optional().describe("Folder of the site's overlays: site:NAME is found there"),
    env_hook: line.optional().describe("File of overlays that is sourced where it exists"),
  }).optional(),
  network: mapping({
    compute: choice("open", "proxy", "none").optional(),
  }).optional().describe("Whether jobs reach the internet"),
  scratch: mapping({
    variables: list(variable).optional(),
    folders: list(line).optional().describe("{user} is the user's name"),
    purge_days: count.optional(),
  }).optional(),
  storage: record(line).optional().describe("Limits people run into, by file system"),
  ssh: mapping({
    auth: choice("keys", "keys and one-time password", "one-time password", "device login")
      .optional(),
    share_connection: flag.optional().describe("One connection should serve many commands"),
  }).optional(),
  notes: list(line).optional(),
  sources: record(source).optional().describe("Dotted key → where it was seen"),
});

/** What expflow knows of a site. Everything that is absent is unknown, and left alone. */
export type SiteProfile = Omit<z.infer<typeof profileSchema>, "extends">;

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** Where a value of a profile was seen: the entry of `sources` of its key, or of one above it. */
export function sourceOf({ sources = {} }: SiteProfile, key: string): string | undefined {
  const parts = key.split(".");
  for (let length = parts.length; length > 0; length--) {
    const found = sources[parts.slice(0, length).join(".")];
    if (found !== undefined) return found;
  }
  return undefined;
}
