/** Other words for a resource that people and other tools use; `-` counts as `_`. */
export const RESOURCE_ALIASES: Record<string, string> = {
  time_limit: "time",
  timelimit: "time",
  walltime: "time",
  wall_time: "time",
  num_gpus: "gpus",
  n_gpus: "gpus",
  gpu_count: "gpus",
  gpus_per_node: "gpus",
  cpus: "cpus_per_task",
  num_cpus: "cpus_per_task",
  n_cpus: "cpus_per_task",
  memory: "mem",
  num_nodes: "nodes",
  nnodes: "nodes",
  num_tasks: "ntasks",
  tasks: "ntasks",
  tasks_per_node: "ntasks_per_node",
  queue: "partition",
  node_list: "nodelist",
  email: "mail_user",
};

const COUNTS = [
  ...["nodes", "ntasks", "ntasks_per_node", "cpus_per_task", "gpus", "max_parallel"],
  ...["runs_per_job", "runs_at_once", "priority"],
];
const SWITCHES = ["exclusive", "requeue", "gpu_mps", "preemptible"];
const TEXTS = [
  ...["partition", "account", "qos", "time", "mem", "mem_per_cpu", "mem_per_gpu", "gpu_type"],
  "gpu_mem",
  ...["constraint", "nodelist", "exclude", "reservation", "signal", "comment", "mail_user"],
  ...["mail_type", "ram_disk"],
];

/** Names of resources, as the result has them. */
export const RESOURCE_NAMES: readonly string[] = [...COUNTS, ...SWITCHES, ...TEXTS, "sbatch"];

/** Every word that may be written for a resource. */
export const RESOURCE_WORDS: readonly string[] = [
  ...RESOURCE_NAMES,
  "gres",
  ...Object.keys(RESOURCE_ALIASES),
];

/** The resource that a word means (`num-gpus` → `gpus`), or `undefined`. */
export function resourceName(word: string): string | undefined {
  const plain = word.replaceAll("-", "_");
  if (Object.hasOwn(RESOURCE_ALIASES, plain)) return RESOURCE_ALIASES[plain];
  return RESOURCE_NAMES.includes(plain) || plain === "gres" ? plain : undefined;
}

/** Whether a resource is text, also where what is written looks like a number. */
export function isTextResource(name: string): boolean {
  return TEXTS.includes(name);
}
