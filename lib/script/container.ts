import { ConfigError } from "../core/errors.ts";
import type { ContainerSpec } from "../core/experiment.ts";
import { quote, quotePath } from "./quote.ts";

/** A container, and what runs in it. */
export interface ContainedCommand {
  container: ContainerSpec;
  /** Whether the job has GPUs. */
  gpus: boolean;
  /** Folders that must be seen inside, at the same place. */
  folders: string[];
  /** Bash run inside. */
  text: string;
  /** Variables that are handed over, exported. */
  variables: string[];
}

const DELIMITER = "EXPFLOW_CONTAINER";

/**
 * Lines that run a text of bash in the container. Values travel as arguments, since runtimes change
 * the environment; inside, the array `expflow_args` and every variable named are there again.
 *
 * @throws {ConfigError} on a folder that no container can be given.
 */
export function containerLines(contained: ContainedCommand): string[] {
  const { container, text, variables } = contained;
  const delimiter = delimiterFor(text);
  const runtimes = container.runtime ? [container.runtime] : ["apptainer", "singularity"];
  const found = runtimes.map((name) => `type -P ${name}`).join(" || ");
  return [
    "  local expflow_text expflow_runtime",
    `  expflow_runtime=$(${found}) ||`,
    `    expflow_refuse "Cannot find ${runtimes.join(" or ")} on $HOSTNAME"`,
    "  # What runs inside. The values are handed over as arguments.",
    `  IFS= read -r -d '' expflow_text <<'${delimiter}' || true`,
    'while [[ $1 != -- ]]; do export "$1"; shift; done',
    'expflow_args=("${@:2}")',
    "set --",
    text,
    delimiter,
    "  [[ -n $expflow_text ]] ||",
    '    expflow_refuse "Cannot start the container: no room for a temporary file on $HOSTNAME"',
    '  "$expflow_runtime" exec \\',
    ...options(contained).map((option) => `    ${option} \\`),
    `    ${quotePath(container.image)} \\`,
    '    /bin/bash -c "$expflow_text" expflow \\',
    ...variables.map((name) => `    "${name}=\${${name}}" \\`),
    '    -- "${expflow_args[@]}"',
  ];
}

function options({ container, gpus, folders }: ContainedCommand): string[] {
  return [
    ...container.nv ?? gpus ? ["--nv"] : [],
    ...container.overlays.map((overlay) => `--overlay ${quotePath(overlayOf(overlay))}`),
    ...container.binds.map((bind) => `--bind ${quotePath(bind)}`),
    ...folders.map((folder) => `--bind ${bindable(folder)}`),
    '--pwd "$PWD"',
  ];
}

/** An `.ext3` overlay that may be written to is locked for one job: read-only unless told. */
function overlayOf(overlay: string): string {
  if (overlay.endsWith(":rw")) return overlay.slice(0, -3);
  return overlay.endsWith(".ext3") ? `${overlay}:ro` : overlay;
}

function bindable(folder: string): string {
  if (!/[:,]/.test(folder)) return quote(folder);
  throw new ConfigError(`Cannot show the folder ${JSON.stringify(folder)} to a container`, {
    hint: "its path holds ':' or ',', which divide binds: use another folder",
  });
}

function delimiterFor(text: string): string {
  const lines = new Set(text.split("\n"));
  let delimiter = DELIMITER;
  for (let n = 2; lines.has(delimiter); n++) delimiter = `${DELIMITER}_${n}`;
  return delimiter;
}
