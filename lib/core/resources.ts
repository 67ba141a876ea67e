/** What a job asks for, in sbatch's words (`--cpus-per-task` → `cpus_per_task`). */
export interface Resources {
  /** One, or several with commas: the first that can start it takes the job. */
  partition?: string;
  /** Who is charged; the user's default account where it is absent. */
  account?: string;
  /** Quality of service, which sets priority and limits at many sites. */
  qos?: string;
  /** As sbatch takes it: `02:00:00`, `1-12`, minutes; `2h` too. */
  time?: string;
  /** As few as the tasks need, where it is absent. */
  nodes?: number;
  /** Processes over all nodes that `srun` starts. */
  ntasks?: number;
  /** For torchrun 1: it starts the processes of a node itself. */
  ntasks_per_node?: number;
  /** Data loaders count too. */
  cpus_per_task?: number;
  /** Main memory a node: `16G`, `4000M`, a plain number is MiB, `0` all of it. */
  mem?: string;
  /** In the place of `mem`, in the same units. */
  mem_per_cpu?: string;
  /** In the place of `mem`, in the same units; main memory, not the GPU's own. */
  mem_per_gpu?: string;
  /** GPUs a node. */
  gpus?: number;
  /** `a100`, `h100`, … as the site names it. */
  gpu_type?: string;
  /** Memory of one GPU that a run needs, in the units of `mem`; for workers that share GPUs. */
  gpu_mem?: string;
  /** Features of nodes, as the site names them: `a100&nvlink`. */
  constraint?: string;
  /** Hostlist of nodes that must be among those given: `gpu[01-04]`. */
  nodelist?: string;
  /** Hostlist of nodes to keep away from, such as a broken one. */
  exclude?: string;
  /** Whole nodes, shared with no other job. */
  exclusive?: boolean;
  /** Name of nodes set aside, for a course or a deadline. */
  reservation?: string;
  /** Warning before the time limit, `USR1@120`. */
  signal?: string;
  /** Whether Slurm may restart it after preemption or a node failure; else the site decides. */
  requeue?: boolean;
  /** Free text; some sites require a word of theirs in it, which their profile adds. */
  comment?: string;
  /** Whether jobs share GPUs through NVIDIA's MPS, where the site has a switch for it. */
  gpu_mps?: boolean;
  /** Whether the job may be ended for others, where the site wants to be told. */
  preemptible?: boolean;
  /** Memory made into a disk, `1GB`, where the site offers it. */
  ram_disk?: string;
  /** Place in the queue of workers, 0 to 1000: the highest is taken first; 500 unless told. */
  priority?: number;
  /** Address that Slurm writes to. */
  mail_user?: string;
  /** When it does: `END,FAIL`. */
  mail_type?: string;
  /** At most this many runs of the sweep at once (`%` of `--array`). */
  max_parallel?: number;
  /** At most this many runs in one job, each with a `time` of its own; 1 unless told. */
  runs_per_job?: number;
  /** This many of a job's runs at the same time, which share its CPUs and GPUs; 1 unless told. */
  runs_at_once?: number;
  /** Any further options of sbatch, `--name=value` each. */
  sbatch?: string[];
}

const MEMORY = ["mem", "mem_per_cpu", "mem_per_gpu"] as const;

/** Resources laid over weaker ones; of the three words for memory the stronger side's counts. */
export function layResources(weak: Resources, strong: Resources): Resources {
  const kept = { ...weak };
  if (MEMORY.some((word) => strong[word] !== undefined)) {
    for (const word of MEMORY) delete kept[word];
  }
  return { ...kept, ...strong };
}
