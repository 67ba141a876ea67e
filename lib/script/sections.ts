import type { EnvironmentSpec } from "../core/experiment.ts";
import { TABLE_LOADER } from "./claiming.ts";
import { containerLines } from "./container.ts";
import { arraySpec } from "./directives.ts";
import {
  activationLines,
  environmentFunctions,
  REFUSE,
  STRICT,
  variableLines,
} from "./environment.ts";
import type { ScriptModel } from "./model.ts";
import type { PlacedCommand } from "./placeholders.ts";
import { quote } from "./quote.ts";
import type { Records } from "./records.ts";
import { warningOf } from "./signals.ts";

/** Variables that every program finds in its environment. */
const PROGRAM_VARIABLES: readonly string[] = [
  "EXPFLOW_EXPERIMENT",
  "EXPFLOW_STAGE",
  "EXPFLOW_RUN",
  "EXPFLOW_ATTEMPT",
  "EXPFLOW_RUN_DIR",
  "EXPFLOW_PARAMS",
  "EXPFLOW_CODE_DIR",
];

/** What the script is, and the modes of bash that it runs in. */
export function header({ experiment, submission, stage, runs, array, base }: ScriptModel): string {
  const indices = runs.map(({ index }) => index);
  const task = array ? `SLURM_ARRAY_TASK_ID=${indices[0]! - base} ` : "";
  return `# Experiment ${experiment}, stage ${stage}, submission ${submission}: \
run${runs.length > 1 ? "s" : ""} ${arraySpec(indices)}.
# Written by expflow. It takes no value from the environment that it was submitted from.
# To start run ${indices[0]} by hand: ${task}bash FILE
set -euo pipefail
set +o posix +o noglob +o noclobber +o xtrace # whatever was inherited
shopt -u failglob nullglob nocasematch
export SLURM_EXPORT_ENV=ALL # what srun starts gets what is set here`;
}

/** The user's command as a function, in its container if there is one. */
export function commandFunction(model: ScriptModel, command: PlacedCommand): string {
  const { environment, resources, paths } = model;
  const { container } = environment;
  const inside = insideContainer(environment);
  const body = !container ? [command.text] : containerLines({
    container,
    gpus: (resources.gpus ?? 0) > 0,
    folders: [...new Set([paths.runs, paths.workdir, codeFolder(model)])],
    text: [
      REFUSE,
      ...environmentFunctions(inside),
      STRICT,
      ...activationLines(inside),
      ...variableLines(inside),
      ...environment.setup,
      command.text,
    ].join("\n"),
    variables: [
      ...PROGRAM_VARIABLES,
      ...model.resuming?.checkpoint ? ["EXPFLOW_CHECKPOINT"] : [],
      ...command.variables.values(),
    ],
  });
  return ["# What runs.", "expflow_command() {", ...body, "}"].join("\n");
}

/** What is prepared before the command; in a container only what its host must do. */
export function prepareFunction({ environment }: ScriptModel): string {
  const host = onHost(environment);
  return [
    "# What is prepared before it.",
    "expflow_prepare() {",
    "  set +u # unset variables are the affair of those who use them",
    ...indented(activationLines(host)),
    ...indented(variableLines(host)),
    ...host.setup,
    "}",
  ].join("\n");
}

/** Functions that the host's part of the environment calls. */
export function hostFunctions({ environment }: ScriptModel): string[] {
  return environmentFunctions(onHost(environment));
}

/** Modules and secrets are the host's; a container inherits variables. */
function onHost(environment: EnvironmentSpec): EnvironmentSpec {
  if (!environment.container) return environment;
  return { ...environment, conda: undefined, venv: undefined, uv: undefined, setup: [] };
}

function insideContainer(environment: EnvironmentSpec): EnvironmentSpec {
  return { ...environment, modules: [], secrets: {} };
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** The parameters of each run, or how they are found in the table. */
export function loadFunction(records: Records): string {
  if (records.kind === "table") return TABLE_LOADER;
  return [
    "# The parameters of each run: all arguments, values named in the command, and as JSON.",
    "expflow_load_run() {",
    "  case $1 in",
    ...records.records.map(([index, record]) => `    ${index}) ${record} ;;`),
    "    *) return 1 ;;",
    "  esac",
    "}",
  ].join("\n");
}

/** Everything else that differs from script to script. */
export function settings(model: ScriptModel, records: Records): string {
  const { paths } = model;
  const { signal, asked } = warningOf(model.resources);
  const table = records.kind !== "table"
    ? []
    : [`expflow_table=${quote(paths.table)}`, `expflow_table_sha256=${records.sha256}`];
  return [
    "# Where everything is.",
    `export EXPFLOW_EXPERIMENT=${model.experiment} EXPFLOW_STAGE=${model.stage}`,
    `export EXPFLOW_CODE_DIR=${quote(codeFolder(model))}`,
    `expflow_workdir=${quote(paths.workdir)}`,
    `expflow_runs=${quote(paths.runs)}`,
    `expflow_state=${quote(paths.state)}`,
    ...table,
    `expflow_submission=${model.submission}`,
    `expflow_warning=${signal} expflow_warning_asked=${asked ? "yes" : "no"}`,
    `expflow_fresh=${model.fresh ? "yes" : "no"}`,
  ].join("\n");
}

function codeFolder({ paths }: ScriptModel): string {
  return paths.code ?? paths.workdir;
}
