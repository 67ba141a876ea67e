import type { Detected } from "../detect.ts";
import type { SiteProfile } from "./profile.ts";

/** What tells one cluster from another; what could not be found out is absent. */
export interface SiteFacts {
  /** Variables of the environment. */
  env: Record<string, string | undefined>;
  /** Path → text of the marker files that exist. */
  markers: Record<string, string>;
  /** `ClusterName` of `scontrol show config`. */
  clusterName?: string;
  /** Full name of this host. */
  fqdn?: string;
}

/** The profile of a site with the name it is called by. */
export interface NamedProfile {
  name: string;
  profile: SiteProfile;
}

/** A way to tell the site: what it found, and whether a profile claims it. */
interface Clue {
  found: (profile: SiteProfile) => string | undefined;
}

/**
 * Which of the profiles this machine is of: by its variables, then marker files, the cluster's name
 * in a job, Slurm's `ClusterName`, and last the host's name. `undefined` where none claims it.
 */
export function identifySite(
  facts: SiteFacts,
  profiles: readonly NamedProfile[],
): Detected<string | undefined> {
  for (const { found } of clues(facts)) {
    for (const { name, profile } of profiles) {
      const source = found(profile);
      if (source !== undefined) return { value: name, source };
    }
  }
  return { value: undefined, source: "no variable, marker file or name of a known site" };
}

function clues({ env, markers, clusterName, fqdn }: SiteFacts): Clue[] {
  const inJob = env.SLURM_CLUSTER_NAME;
  return [
    { found: ({ identify }) => keyOf(identify?.env, env, (name, is) => `$${name} is ${is}`) },
    { found: ({ identify }) => keyOf(identify?.marker, markers, (file, is) => `${file} is ${is}`) },
    { found: ({ identify }) => named(identify?.cluster, inJob, "$SLURM_CLUSTER_NAME is") },
    { found: ({ identify }) => named(identify?.cluster, clusterName, "ClusterName of Slurm is") },
    {
      found: ({ identify }) =>
        fqdn !== undefined && identify?.fqdn?.some((text) => new RegExp(text, "i").test(fqdn))
          ? `this host is ${fqdn}`
          : undefined,
    },
  ];
}

function keyOf(
  wanted: Record<string, string[]> | undefined,
  given: Record<string, string | undefined>,
  tell: (key: string, value: string) => string,
): string | undefined {
  for (const [key, values] of Object.entries(wanted ?? {})) {
    const value = given[key]?.trim();
    if (value !== undefined && includes(values, value)) return tell(key, value);
  }
  return undefined;
}

function named(names: string[] | undefined, name: string | undefined, how: string) {
  return name !== undefined && includes(names ?? [], name) ? `${how} ${name}` : undefined;
}

function includes(values: readonly string[], value: string): boolean {
  return values.some((one) => one.toLowerCase() === value.toLowerCase());
}
