import { bash } from "./bash_text.ts";
import { ConfigError } from "../core/errors.ts";
import type { Resources } from "../core/experiment.ts";

/** How a site wants GPUs to be asked for; `none` where nodes or partitions imply them. */
export type GpuSyntax = "gres" | "gpus-per-node" | "gpus" | "none";

/** What a site wants of a script beside its resources. */
export interface SiteScript {
  gpus: GpuSyntax;
  /** Comments below the directives that the site reads: `#GREENE …`. */
  lines: readonly string[];
  /** Variables that are unset before anything else. */
  unset: readonly string[];
  /** Variables, the first of which that names a folder one can write to becomes `TMPDIR`. */
  tmp: readonly string[];
}

/** A site of which nothing is known. */
export const PLAIN_SITE: SiteScript = { gpus: "gres", lines: [], unset: [], tmp: [] };

/**
 * The option that asks for GPUs, without its dashes.
 *
 * @throws {ConfigError} for a type without a number.
 */
export function gpuOption(
  { gpus, gpu_type, nodes = 1 }: Resources,
  syntax: GpuSyntax,
): [string, string][] {
  if (gpu_type !== undefined && !gpus) {
    throw new ConfigError(`Cannot ask for GPUs of type ${gpu_type}: no number of GPUs is given`, {
      hint: "set gpus: 1",
    });
  }
  if (!gpus || syntax === "none") return [];
  const typed = gpu_type ? `${gpu_type}:` : "";
  if (syntax === "gres") return [["gres", `gpu:${typed}${gpus}`]];
  return [[syntax, `${typed}${syntax === "gpus" ? gpus * nodes : gpus}`]];
}

/** Lines of bash that a site wants before the command. */
export function siteLines({ unset, tmp }: SiteScript): string[] {
  return [
    ...unset.length > 0 ? [`unset -v ${unset.join(" ")} # as this site wants`] : [],
    ...tmp.length > 0 ? [tmpLines(tmp)] : [],
  ];
}

function tmpLines(names: readonly string[]): string {
  return bash`
# The fast folder of this site's nodes.
for expflow_name in ${names.join(" ")}; do
  if [[ -n \${!expflow_name+x} && -d \${!expflow_name} && -w \${!expflow_name} ]]; then
    export TMPDIR=\${!expflow_name}
    break
  fi
done`;
}
