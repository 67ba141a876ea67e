import type { EnvironmentSpec } from "../core/experiment.ts";
import { TABLE_LOADER } from "./claiming.ts";
import { arraySpec } from "./directives.ts";
import { activationLines, environmentFunctions, variableLines } from "./environment.ts";
import { RANK_VARIABLES } from "./launcher.ts";
import { LAUNCH } from "./step.ts";
import { MEETING } from "./meeting.ts";
import { codeFolder, type ScriptModel } from "./model.ts";
import { quote } from "./quote.ts";
import type { Records } from "./records.ts";
import { warningOf } from "./signals.ts";

/** What the script is, and the modes of bash that it runs in. */
export function header(model: ScriptModel): string {
  const { experiment, submission, stage, runs, array, base, pack } = model;
  const indices = runs.map(({ index }) => index);
  const task = array ? `SLURM_ARRAY_TASK_ID=${indices[0]! - base} ` : "";
  const first = pack ? `runs ${arraySpec(pack.tasks[0]!.runs)}` : `run ${indices[0]}`;
  return `# Experiment ${experiment}, stage ${stage}, submission ${submission}: \
run${runs.length > 1 ? "s" : ""} ${arraySpec(indices)}.
# Written by expflow. It takes no value from the environment that it was submitted from.
# To start ${first} by hand: ${task}bash FILE
set -euo pipefail
set +o posix +o noglob +o noclobber +o xtrace # whatever was inherited
shopt -u failglob nullglob nocasematch
export SLURM_EXPORT_ENV=ALL # what srun starts gets what is set here`;
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

/** Functions that the host's part of the environment and the launcher call. */
export function hostFunctions({ environment, launcher }: ScriptModel): string[] {
  return [...environmentFunctions(onHost(environment)), ...launcher ? [MEETING, LAUNCH] : []];
}

/** Modules and secrets are the host's; a container inherits variables. */
function onHost(environment: EnvironmentSpec): EnvironmentSpec {
  if (!environment.container) return environment;
  return { ...environment, conda: undefined, venv: undefined, uv: undefined, setup: [] };
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
    "# What a program would take for its own, if a job had submitted this one.",
    "unset EXPFLOW_CHECKPOINT EXPFLOW_CHECKPOINTS OMPI_COMM_WORLD_RANK PMI_RANK",
    `unset ${RANK_VARIABLES.join(" ")}`,
    "# Where everything is.",
    `export EXPFLOW_EXPERIMENT=${model.experiment} EXPFLOW_STAGE=${model.stage}`,
    `export EXPFLOW_CODE_DIR=${quote(codeFolder(paths))}`,
    `expflow_workdir=${quote(paths.workdir)}`,
    `expflow_runs=${quote(paths.runs)}`,
    `expflow_state=${quote(paths.state)}`,
    ...table,
    `expflow_submission=${model.submission}`,
    `export EXPFLOW_WARNING=${signal} # the program may listen to it`,
    `expflow_warning=${signal} expflow_warning_asked=${asked ? "yes" : "no"}`,
    ...model.launcher ? [`expflow_wire=${signal === "USR2" ? "USR1" : "USR2"}`] : [],
    `expflow_fresh=${model.fresh ? "yes" : "no"}`,
    ...model.pack ? [`expflow_log=${quote(model.pack.log)}`] : [],
  ].join("\n");
}
