import { ConfigError } from "../core/errors.ts";
import type { EnvironmentSpec } from "../core/experiment.ts";
import { bash } from "./bash_text.ts";
import { ScriptExit } from "./claiming.ts";
import { quote, quotePath } from "./quote.ts";

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

const LENIENT = "set +eu +o pipefail # scripts of others do not bear these";
/** The mode of the user's commands: an error ends them, an unset variable does not. */
export const STRICT = "set -e -o pipefail";

/** The function `expflow_refuse MESSAGE`, which all lines of this file call. */
export const REFUSE: string = bash`
expflow_refuse() {
  printf 'expflow: %s\n' "$1" >&2
  exit ${ScriptExit.setup}
}`;

const FIND_MODULE: string = bash`
# Batch shells may lack the function "module": start-up files define it.
expflow_find_module() {
  local file
  for file in /etc/profile.d/*[Ll]mod*.sh /etc/profile.d/*module*.sh \
    /usr/share/[Ll]mod/{,*/}init/bash /usr/share/[Mm]odules/init/bash; do
    if type -t module >/dev/null; then return 0; fi
    if [[ -r $file ]]; then source "$file"; fi
  done
  type -t module >/dev/null || expflow_refuse "Cannot load modules: $HOSTNAME has no 'module'"
}`;

const FIND_CONDA: string = bash`
# Batch shells may lack the function "conda", and a PATH to its program.
expflow_find_conda() {
  local folder conda
  conda=$(type -P conda)
  for folder in ~/{miniforge3,miniconda3,mambaforge,anaconda3} /opt/conda \
    /ext3/{miniforge3,miniconda3}; do
    if [[ -z $conda && -x $folder/bin/conda ]]; then conda=$folder/bin/conda; fi
  done
  [[ -n $conda ]] || expflow_refuse "Cannot find conda on $HOSTNAME"
  eval "$("$conda" shell.bash hook)"
}`;

/** Functions that the lines of this environment call, but for {@linkcode REFUSE}. */
export function environmentFunctions({ modules, conda }: EnvironmentSpec): string[] {
  return [...modules.length > 0 ? [FIND_MODULE] : [], ...conda === undefined ? [] : [FIND_CONDA]];
}

/** Lines that load the modules and activate the Python environment. */
export function activationLines(spec: EnvironmentSpec): string[] {
  const lines = [...moduleLines(spec), ...condaLines(spec), ...pythonLines(spec)];
  return lines.length > 0 ? [LENIENT, ...lines, STRICT] : [];
}

function moduleLines({ modules, purge }: EnvironmentSpec): string[] {
  if (modules.length === 0) return [];
  return [
    "expflow_find_module",
    ...purge ? ["module purge"] : [],
    ...modules.map((name) =>
      `module load ${quote(name)} || expflow_refuse ${quote(`Cannot load the module ${name}`)}`
    ),
  ];
}

function condaLines({ conda }: EnvironmentSpec): string[] {
  if (conda === undefined) return [];
  const problem = quote(`Cannot activate the conda environment ${conda}`);
  const name = conda.includes("/") ? quotePath(conda) : quote(conda);
  return ["expflow_find_conda", `conda activate ${name} || expflow_refuse ${problem}`];
}

function pythonLines({ venv, uv }: EnvironmentSpec): string[] {
  return [
    ...venv === undefined ? [] : sourceLines(venv, "check environment.venv"),
    ...uv === undefined ? [] : [
      ...sourceLines(`${uv}/.venv`, `run "uv sync" in ${uv} first`),
      "export UV_NO_SYNC=1 # a job changes no environment that others use",
    ],
  ];
}

function sourceLines(folder: string, hint: string): string[] {
  const script = quotePath(`${folder}/bin/activate`);
  const problem = `Cannot find the virtual environment ${folder}: ${hint}`;
  return [
    `[[ -r ${script} ]] || expflow_refuse ${quote(problem)}`,
    `source ${script} || expflow_refuse ${quote(`Cannot activate ${folder}`)}`,
  ];
}

/** Lines that export the variables. */
export function variableLines({ env, secrets }: EnvironmentSpec): string[] {
  return [
    ...Object.entries(env).map(([name, value]) => `export ${checkName(name)}=${quote(value)}`),
    ...Object.entries(secrets).flatMap(([name, file]) => [
      `[[ -r ${quotePath(file)} ]] || expflow_refuse ` +
      quote(`Cannot read the file of the secret ${checkName(name)}: ${file}`),
      `export ${name}="$(<${quotePath(file)})"`,
    ]),
  ];
}

function checkName(name: string): string {
  if (VARIABLE.test(name) && !name.startsWith("EXPFLOW_")) return name;
  throw new ConfigError(`Cannot set the variable ${JSON.stringify(name)}`, {
    hint: "use letters, digits and _; names that start with EXPFLOW_ are set by expflow",
  });
}
