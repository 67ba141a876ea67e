import { absent, type Maybe } from "../detected.ts";
import type { DetectionPorts } from "../ports.ts";
import type { SlurmConfig } from "./config.ts";

/** What can name the cluster. */
export interface ClusterFacts {
  /** The variables that sites set, those that are set. */
  env: Record<string, string>;
  /** Name that the marker file of the Jülich machines holds. */
  marker?: string;
  /** `ClusterName` of slurm.conf. */
  clusterName?: string;
  /** Name of this machine with its domain; without one where nobody knows it. */
  fqdn: string;
}

/** Variables by which sites name a machine, in the order they are believed. */
export const SITE_VARIABLES = [
  "NERSC_HOST",
  "LMOD_SYSTEM_NAME",
  "RCAC_CLUSTER",
  "CC_CLUSTER",
  "TACC_SYSTEM",
  "BSC_MACHINE",
  "SYSTEMNAME",
] as const;

/** A file in which the Jülich Supercomputing Centre names its machines. */
export const MARKER_FILE = "/etc/FZJ/systemname";
const IN_A_JOB = "SLURM_CLUSTER_NAME";

/** Gathers what can tell the cluster. */
export function clusterFacts(
  { env, read }: DetectionPorts,
  config: Maybe<SlurmConfig>,
  fqdn: Maybe<string>,
  host: string,
): ClusterFacts {
  const set = [...SITE_VARIABLES, IN_A_JOB].flatMap((name) => env[name] ? [[name, env[name]]] : []);
  return {
    env: Object.fromEntries(set),
    marker: read(MARKER_FILE)?.trim() || undefined,
    clusterName: config.value?.clusterName,
    fqdn: fqdn.value ?? host,
  };
}

/** Name of the cluster, from the first of these that says one. */
export function clusterName(facts: ClusterFacts): Maybe<string> {
  for (const name of SITE_VARIABLES) {
    if (facts.env[name]) return { value: facts.env[name], source: `$${name}` };
  }
  if (facts.marker) return { value: facts.marker, source: MARKER_FILE };
  if (facts.env[IN_A_JOB]) return { value: facts.env[IN_A_JOB], source: `$${IN_A_JOB}` };
  if (facts.clusterName) {
    return { value: facts.clusterName, source: "ClusterName of scontrol show config" };
  }
  const [, domain] = facts.fqdn.split(/^[^.]+\./);
  return domain && domain !== "localdomain"
    ? { value: domain, source: "the domain of this machine's name" }
    : absent("nothing names it");
}
