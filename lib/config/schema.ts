import { HARVEST_FORMATS } from "../core/experiment.ts";
import { z } from "zod";
import { LAUNCHERS } from "../core/experiment.ts";
import { KEY, named, PARAM_KEY, params } from "./param_keys.ts";
import { resourcesSchema } from "./resource_schema.ts";
import { retrySchema } from "./retry_block.ts";
import { choice, count, flag, line, lines, mapping, record, text, texts } from "./rules.ts";
import { searchSchema } from "./search_schema.ts";
import { sweepSchema } from "./sweep_schema.ts";

const VARIABLE = "the name of a variable | a letter or _, then letters, digits and _";
const variables = /^[A-Za-z_][A-Za-z0-9_]*$/;

const container = mapping({
  image: line.describe("Image file (.sif), or docker://name"),
  runtime: choice("apptainer", "singularity")
    .optional().describe("Found on PATH unless told"),
  overlays: lines.optional().describe("Overlays: [env.ext3:ro, data.sqsh:ro]"),
  binds: lines.optional().describe("Binds: [/scratch/data:/data:ro]"),
  nv: flag.optional().describe("--nv; on when GPUs are asked for, unless told"),
});

/** `environment`: what is prepared before the command. */
export const environmentSchema = mapping({
  modules: lines.optional().describe("Modules to load, in this order"),
  purge: flag.optional().describe("`module purge` first; on unless told"),
  conda: line.optional().describe("Name or path of a conda environment"),
  venv: line.optional().describe("Path of a virtual environment"),
  uv: line.optional().describe("Project folder for `uv run`; . is the working directory"),
  container: z.union([line, container], {
    error: "an image or a mapping | write container: image.sif",
  })
    .optional().describe("Container that the command runs in"),
  env: named(
    z.union([z.string(), z.number(), z.boolean()], {
      error: "text | write the value as it should be",
    }),
    variables,
    VARIABLE,
  )
    .optional().describe("Variables for the program. No secrets: see `secrets`"),
  secrets: named(line, variables, VARIABLE)
    .optional().describe("Variable → file whose content becomes its value when the job runs"),
  setup: texts.optional().describe("Lines of bash run before the command"),
});

const LAUNCHER = `${LAUNCHERS.join(", ")}, none or a mapping | write launcher: torchrun`;
const launcherMapping = mapping({
  kind: choice("none", ...LAUNCHERS).optional().describe("What starts the processes"),
  processes_per_node: count.optional().describe("torchrun, accelerate: `gpus` unless told"),
  mpi: line.regex(/^[a-z0-9_]+$/, { error: "a word of `srun --mpi=list` | write pmix or pmi2" })
    .optional().describe("srun: its --mpi"),
  options: lines.optional().describe("Further options of the launcher: [--max-restarts=3]"),
});
const launcher = z.union([choice("none", ...LAUNCHERS), launcherMapping], { error: LAUNCHER });

const reproduces = mapping({
  run: line.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\/\d{1,9}$/, {
    error: "a run | write run: exp001/3",
  }).describe("The original, as exp001/3"),
  submission: line.regex(/^\d{3,}$/, { error: "a submission in quotes | write '001'" })
    .describe("The submission of it whose code is run"),
});

const args = choice("argparse", "hydra", "none");
const dependency = choice("afterok", "afterany");

const CHECKPOINT =
  "a folder, a pattern or a mapping | write checkpoint: {dir: checkpoints, param: resume_from}";
const checkpoint = mapping({
  dir: line.optional().describe("Folder of the checkpoints, in the run's folder"),
  pattern: line.optional().describe("In its place: where they are, as ckpt/model_*.pth"),
  param: text.regex(PARAM_KEY, { error: KEY })
    .optional().describe("Parameter that takes the path of the checkpoint to start from"),
});

/** How a stage is continued; keys of an experiment and of a stage. */
const resuming = {
  resume: choice("requeue", "resubmit", "off")
    .optional().describe("What becomes of a run that its time limit or preemption ended"),
  max_restarts: count.optional().describe("How often a run is continued by itself; 10 unless told"),
  checkpoint: z.union([line, checkpoint], { error: CHECKPOINT })
    .optional().describe("Where checkpoints are: the newest is given to a run that continues"),
  chain: count.optional().describe("At most so many jobs, one after the other, for one run"),
};

const stage = mapping({
  command: text.optional().describe("Bash; {params.lr} and {run.dir} are filled in, quoted"),
  after: z.union([text, z.array(text), record(dependency)], {
    error: "a stage | write after: train, after: [a, b], or after: {train: afterany}",
  }).optional().describe("Stages that must have ended well (or, with afterany, at all)"),
  args: args.optional().describe("As `args` of the experiment"),
  launcher: launcher.optional().describe("As `launcher` of the experiment"),
  resources: resourcesSchema.optional().describe("Over those of the experiment"),
  environment: environmentSchema.optional().describe("Over that of the experiment"),
  ...resuming,
});

const file = {
  path: line.optional().describe(
    "In the run's folder, * for part of a name; with regex also stdout or stderr",
  ),
  format: choice(...HARVEST_FORMATS)
    .optional().describe("By the file's extension unless told"),
  regex: record(text).optional().describe("Metric → expression with one group; the last match"),
  metrics: texts.optional().describe("Names to keep; all unless told"),
  required: flag.optional().describe("Whether its absence is an error; it is unless told"),
};
const FILE = "a path or a mapping | write result.json, or {path: metrics.jsonl, metrics: [acc]}";
const HARVEST = "a path, a list of files, or a mapping | write harvest: result.json";
const files = z.union([
  line,
  z.array(z.union([line, mapping(file)], { error: FILE })),
], {
  error: "a path or a list of files | write [result.json, metrics.jsonl]",
});
const better = choice("min", "max");
const harvest = z.union([
  line,
  z.array(z.union([line, mapping(file)], { error: FILE })),
  mapping({
    ...file,
    files: files.optional().describe("Several files, as in a list"),
    direction: record(better).optional().describe("Metric → min or max: which is better"),
    artifacts: texts.optional().describe(
      "Files registered with their SHA-256: model.pt, out/*.png",
    ),
  }),
], { error: HARVEST });

/** An experiment file or a template, as a user writes it (but for aliases and the flat form). */
export const experimentSchema = mapping({
  extends: texts.optional().describe("Template, or several: the later ones win"),
  description: text.optional().describe("What this is about"),
  tags: lines.optional().describe("Words to find it by"),
  command: text.optional().describe("Bash; {params.lr} and {run.dir} are filled in, quoted"),
  stages: record(
    z.union([text, stage], { error: "a command or a mapping | write train: python train.py" }),
  )
    .optional().describe("Instead of a command: named steps, as train and eval"),
  args: args.optional().describe("How parameters are appended: --lr 0.1, lr=0.1, or not at all"),
  launcher: launcher.optional().describe(
    "Starts the command as several processes: srun, torchrun, accelerate, mpirun, or none",
  ),
  params: params.optional().describe("Parameters of the program; groups may be nested"),
  resources: resourcesSchema.optional().describe("What a job asks for, in sbatch's words"),
  environment: environmentSchema.optional().describe("What is prepared before the command"),
  ...resuming,
  retry: retrySchema.optional().describe("What is done about failures, by what they are"),
  sweep: sweepSchema.optional().describe("Many runs: grid, zip, list, random, seeds, …"),
  search: searchSchema.optional().describe("Runs that are suggested one after the other"),
  harvest: harvest.optional().describe("Where results are: result.json, metrics.jsonl, …"),
  workdir: line.optional().describe("Where commands run; the project's folder unless told"),
  snapshot: z.union([flag, choice("on", "off")], { error: "on or off | write one of these words" })
    .optional().describe("Whether jobs run a copy of the code as it was at submission"),
  reproduces: reproduces.optional().describe("Written by `reproduce`: run the code of that run"),
});

export { isParamKey } from "./param_keys.ts";

/** What an experiment file says. */
export type ExperimentFile = z.infer<typeof experimentSchema>;

/** Keys of an experiment file. */
export const EXPERIMENT_KEYS: readonly string[] = Object.keys(experimentSchema.shape);
