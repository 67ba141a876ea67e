import { ConfigError } from "../core/errors.ts";
import type { EnvironmentSpec } from "../core/experiment.ts";
import { bash } from "./bash_text.ts";
import { ScriptExit } from "./claiming.ts";
import { quote, quotePath } from "./quote.ts";

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Runs what follows without `-e`, `-u` and `pipefail`, which third-party scripts do not bear. */
export const LENIENT = "set +eu +o pipefail";
/** Runs what follows as the user's command runs: an error ends it, an unset variable does not. */
export const STRICT = "set -e -o pipefail";

/** The function `expflow_refuse MESSAGE`, which the lines of this file call. */
export const REFUSE: string = bash`
expflow_refuse() {
  printf 'expflow: %s\n' "$1" >&2
  exit ${ScriptExit.setup}
}`;

/** Lines that load the modules; they need `expflow_refuse MESSAGE`, and to be {@linkcode LENIENT}. */
export function moduleLines({ modules, purge }: EnvironmentSpec): string[] {
  if (modules.length === 0) return [];
  return [
    "# Batch shells may lack the function `module`: its own start-up files define it.",
    "for expflow_file in /etc/profile.d/*[Ll]mod*.sh /etc/profile.d/*module*.sh \\",
    "  /usr/share/[Ll]mod/{,*/}init/bash /usr/share/[Mm]odules/init/bash; do",
    "  type -t module >/dev/null && break",
    '  if [[ -r $expflow_file ]]; then source "$expflow_file"; fi',
    "done",
    `type -t module >/dev/null || expflow_refuse "Cannot load modules: $HOSTNAME has no 'module'"`,
    ...purge ? ["module purge"] : [],
    ...modules.map((name) =>
      `module load ${quote(name)} || expflow_refuse ${quote(`Cannot load the module ${name}`)}`
    ),
  ];
}

/** Lines that activate the Python environment; as {@linkcode moduleLines}. */
export function pythonLines({ conda, venv, uv }: EnvironmentSpec): string[] {
  return [
    ...conda === undefined ? [] : condaLines(conda),
    ...venv === undefined ? [] : activationLines(venv, "check environment.venv"),
    ...uv === undefined ? [] : [
      ...activationLines(`${uv}/.venv`, `run "uv sync" in ${uv} first`),
      "export UV_NO_SYNC=1 # a job changes no environment that others use",
    ],
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

function condaLines(environment: string): string[] {
  const name = environment.includes("/") ? quotePath(environment) : quote(environment);
  return [
    "expflow_conda=$(type -P conda)",
    "for expflow_file in ~/{miniforge3,miniconda3,mambaforge,anaconda3} /opt/conda \\",
    "  /ext3/{miniforge3,miniconda3}; do",
    "  [[ -z $expflow_conda && -x $expflow_file/bin/conda ]] &&",
    "    expflow_conda=$expflow_file/bin/conda",
    "done",
    '[[ -n $expflow_conda ]] || expflow_refuse "Cannot find conda on $HOSTNAME"',
    'eval "$("$expflow_conda" shell.bash hook)"',
    `conda activate ${name} || ` +
    `expflow_refuse ${quote(`Cannot activate the conda environment ${environment}`)}`,
  ];
}

function activationLines(folder: string, hint: string): string[] {
  const script = quotePath(`${folder}/bin/activate`);
  const problem = `Cannot find the virtual environment ${folder}: ${hint}`;
  return [
    `[[ -r ${script} ]] || expflow_refuse ${quote(problem)}`,
    `source ${script} || expflow_refuse ${quote(`Cannot activate ${folder}`)}`,
  ];
}

function checkName(name: string): string {
  if (VARIABLE.test(name) && !name.startsWith("EXPFLOW_")) return name;
  throw new ConfigError(`Cannot set the variable ${JSON.stringify(name)}`, {
    hint: "use letters, digits and _; names that start with EXPFLOW_ are set by expflow",
  });
}
