import { posix } from "node:path";
import type { ContainerSpec } from "../../core/experiment.ts";
import { quotePath } from "../../script/quote.ts";
import { refusal, type Rule, withEnvironment, withScript } from "./draft.ts";
import type { NamedProfile } from "./identify.ts";

const FROM_SITE = "site:";
/** Variables through which srun takes its options (INPUT ENVIRONMENT VARIABLES of srun(1)). */
const SRUN = { mpi: "SLURM_MPI_TYPE", cpu_bind: "SLURM_CPU_BIND", gpu_bind: "SLURM_GPU_BIND" };

/** Variables of jobs, and those that are unset or name the fast folder. */
export const variablesRule: Rule = (draft, { profile: { env = {}, srun = {}, unset, tmp } }) => {
  const options = Object.entries(srun).flatMap(([name, value]) =>
    value === undefined ? [] : [[SRUN[name as keyof typeof SRUN], value, `srun.${name}`] as const]
  );
  const plain = Object.entries(env).map(([name, value]) => [name, value, `env.${name}`] as const);
  const exported = [...plain, ...options].reduce(
    (next, [name, value, rule]) =>
      name in next.environment.env
        ? next
        : withEnvironment(next, "env", { ...next.environment.env, [name]: value }, rule),
    draft,
  );
  const cleared = unset === undefined ? exported : withScript(exported, "unset", unset, "unset");
  return tmp === undefined ? cleared : withScript(cleared, "tmp", tmp, "tmp");
};

/** Images and overlays of the site, its runtime, and what its GPUs need of a container. */
export const containerRule: Rule = (draft, site) => {
  const before = draft.environment.container;
  if (!before) return draft;
  const { container: has = {}, gpu } = site.profile;
  const image = found(before.image, has.images, "images", site);
  const overlays = before.overlays.map((one) => found(one, has.overlays, "overlays", site));
  const container: ContainerSpec = {
    ...before,
    image,
    overlays,
    ...has.runtime !== undefined && before.runtime === undefined ? { runtime: has.runtime } : {},
    ...gpu?.vendor === "amd" && before.nv === undefined ? { nv: false } : {},
  };
  const placed = JSON.stringify(container) === JSON.stringify(before)
    ? draft
    : withEnvironment(draft, "container", container, "container");
  const { env_hook } = has;
  if (env_hook === undefined || overlays.length === 0) return placed;
  const file = quotePath(env_hook);
  const hook = `if [[ -r ${file} ]]; then source ${file} || exit; fi`;
  const setup = [hook, ...placed.environment.setup];
  return withEnvironment(placed, "setup", setup, "container.env_hook");
};

function found(
  path: string,
  folder: string | undefined,
  what: "images" | "overlays",
  site: NamedProfile,
): string {
  if (!path.startsWith(FROM_SITE)) return path;
  if (folder !== undefined) return posix.join(folder, path.slice(FROM_SITE.length));
  const hint = `write the whole path, or give the profile container.${what}`;
  throw refusal(site, `use ${path}`, `its profile names no folder of ${what}`, hint);
}
