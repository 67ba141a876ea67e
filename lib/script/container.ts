import { ConfigError } from "../core/errors.ts";
import type { ContainerSpec } from "../core/experiment.ts";
import { type Carried, carryingWords, commandLines, textLines } from "./carried.ts";
import { quote, quotePath } from "./quote.ts";

/** A container, and what runs in it. */
export interface ContainedCommand extends Carried {
  container: ContainerSpec;
  /** Whether the job has GPUs. */
  gpus: boolean;
  /** Folders that must be seen inside, at the same place. */
  folders: string[];
  /** Variables with secrets: they are in the environment, and never become arguments. */
  secrets: string[];
}

/**
 * Lines that run a text of bash in the container, as {@linkcode textLines} hands it over.
 *
 * @throws {ConfigError} on a folder that no container can be given.
 */
export function containerLines(contained: ContainedCommand): string[] {
  const { container, secrets } = contained;
  const runtimes = container.runtime ? [container.runtime] : ["apptainer", "singularity"];
  const found = runtimes.map((name) => `type -P ${name}`).join(" || ");
  return [
    `  expflow_runtime=$(${found}) ||`,
    `    expflow_refuse "Cannot find ${runtimes.join(" or ")} on $HOSTNAME"`,
    ...secrets.map((name) =>
      `  export APPTAINERENV_${name}="$${name}" SINGULARITYENV_${name}="$${name}"`
    ),
    ...textLines(contained),
    ...commandLines('"$expflow_runtime" exec', [
      ...options(contained),
      quotePath(container.image),
      ...carryingWords(contained),
    ]),
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
