import type { Detected, Maybe } from "./detected.ts";
import type { Association } from "./probes/accounts.ts";
import type { Clocks } from "./probes/clocks.ts";
import type { SlurmConfig } from "./probes/config.ts";
import type { NodeGroup } from "./probes/nodes.ts";
import type { Partition } from "./probes/partitions.ts";
import type { StorageUse } from "./probes/quota.ts";
import type { LocalGpu } from "./probes/tools.ts";

/** Who we are and where: what `init` needs, without asking Slurm. */
export interface Place {
  /** Login name; `unknown` when nobody can say. */
  user: Detected<string>;
  /** `$HOME`, or `/` where it is not set. */
  home: Detected<string>;
  /** The machine this runs on: a login node, a compute node or a laptop. */
  host: Detected<string>;
  /** Writable folder for large files, where `init` creates projects; home when none was found. */
  scratch: Detected<string>;
}

/** What is known of the place expflow runs in. */
export interface Environment extends Place {
  /** Logical CPUs of this machine, as the operating system counts them. */
  cpus: Detected<number>;
  /** Memory of this machine, in MiB. */
  memory: Detected<number>;
  /** GPUs of this machine, which on a login node has none. */
  gpus: Maybe<LocalGpu[]>;
  /** The Slurm job that this runs in. */
  job: Maybe<string>;
  /** The container that this runs in. */
  container: Maybe<string>;
  /** Use and limits of home and scratch; several sources may tell of one place. */
  storage: Maybe<StorageUse[]>;
  /** Name of the cluster. */
  cluster: Maybe<string>;
  /** Version line of Slurm's client. */
  slurm: Maybe<string>;
  /** The controller's own words on whether it answers. */
  controller: Maybe<string>;
  /** slurm.conf as the controller has it. */
  config: Maybe<SlurmConfig>;
  /** Clocks of other machines, against ours. */
  clocks: Clocks;
  /** What this user may charge; an empty list: nothing. */
  accounts: Maybe<Association[]>;
  /** Groups of this user, by which partitions may choose. */
  groups: Maybe<string[]>;
  /** Every partition with its limits. */
  partitions: Maybe<Partition[]>;
  /** The nodes of every partition, those alike together. */
  nodes: Maybe<NodeGroup[]>;
  /** Version line of the container runtime. */
  runtime: Maybe<string>;
  /** Environment modules of this shell. */
  modules: Maybe<string>;
  /** Version line of conda, mamba or micromamba. */
  conda: Maybe<string>;
  /** Version line of uv. */
  uv: Maybe<string>;
  /** Version line of Python 3. */
  python: Maybe<string>;
  /** Version line of git. */
  git: Maybe<string>;
  /** What the user should know or set, one line each. */
  warnings: string[];
}
