import { z } from "zod";
import { parseDuration } from "../core/durations.ts";
import { parseMemory } from "../core/memory.ts";
import { RESOURCE_WORDS } from "./resource_words.ts";
import { count, flag, line, mapping, readable, text, word } from "./rules.ts";

const TIME = "a time | write 02:00:00, 1-12:00 (days-hours:minutes), 2h, or 90 (minutes)";
const MEMORY = "a memory size | write 16G, 4000M, or 4000 (MiB)";
const SIGNAL = "a signal | write USR1@120: the signal, and seconds before the time limit";
const GPUS = "a whole number | write GPUs a node, 2, or with their type, a100:2";
const PRIORITY = "a whole number from 0 to 1000 | the highest is taken first; 500 is usual";
const OPTION =
  "an option of sbatch | write --name or --name=value, and none that expflow sets itself";
const OWN =
  "array|chdir|dependency|error|export|job-name|output|parsable|wait|wrap|test-only|get-user-env";

const time = z.union([z.string(), z.number()], { error: TIME })
  .refine(readable(parseDuration), { error: TIME });
const memory = z.union([z.string(), z.number()], { error: MEMORY })
  .refine(readable(parseMemory), { error: MEMORY });
const signal = text.regex(/^(?:[BR]{1,2}:)?(?:[A-Z][A-Z0-9]*|\d{1,2})(?:@\d{1,5})?$/, {
  error: SIGNAL,
});
const gpus = z.union([
  z.int({ error: GPUS }).min(0, { error: GPUS }),
  text.regex(/^[A-Za-z][\w.-]*:\d+$/, { error: GPUS }),
], { error: GPUS });
const option = line.regex(
  new RegExp(`^--(?!(?:${OWN})(?:=|$))[a-z][a-z0-9-]*(?:=.*)?$`),
  { error: OPTION },
);

/** `resources`: what a job asks for, in sbatch's words. */
export const resourcesSchema = mapping({
  partition: word.optional().describe("Partition, or several with commas"),
  account: word.optional().describe("Account that is charged"),
  qos: word.optional().describe("Quality of service"),
  time: time.optional().describe("Time limit: HH:MM:SS, D-HH:MM:SS, minutes, 2h, 1d12h"),
  nodes: count.optional().describe("Nodes"),
  ntasks: count.optional().describe("Tasks"),
  ntasks_per_node: count.optional().describe("Tasks a node"),
  cpus_per_task: count.optional().describe("CPUs a task"),
  mem: memory.optional().describe("Memory a node: 16G, 4000M, or MiB"),
  mem_per_cpu: memory.optional().describe("Memory a CPU"),
  mem_per_gpu: memory.optional().describe("Memory a GPU"),
  gpus: gpus.optional().describe("GPUs a node: 2, or a100:2"),
  gpu_type: word.optional().describe("Type of GPU, as the site names it"),
  gpu_mem: memory.optional().describe(
    "Memory of one GPU that a run needs; used by workers that share GPUs",
  ),
  constraint: word.optional().describe("Features that a node must have"),
  nodelist: word.optional().describe("Nodes to run on"),
  exclude: word.optional().describe("Nodes not to run on"),
  exclusive: flag.optional().describe("Whole nodes, shared with nobody"),
  reservation: word.optional().describe("Reservation to run in"),
  signal: signal.optional().describe("Warning before the time limit: USR1@120"),
  requeue: flag.optional().describe("Whether Slurm may requeue the job"),
  comment: word.optional().describe("Comment of the job; some sites read it"),
  gpu_mps: flag.optional().describe("Whether jobs share GPUs through MPS, by the site's switch"),
  preemptible: flag.optional().describe("Whether the job may be ended for others"),
  priority: z.int({ error: PRIORITY }).min(0, { error: PRIORITY }).max(1000, { error: PRIORITY })
    .optional().describe("Place in the queue of workers: 0 to 1000, the highest first"),
  ram_disk: memory.optional().describe("Memory made into a disk, where the site offers it: 1GB"),
  mail_user: word.optional().describe("Address for mail"),
  mail_type: word.optional().describe("When to send mail: END,FAIL"),
  max_parallel: count.optional().describe("At most so many runs of the sweep at once"),
  runs_per_job: count.optional().describe("So many runs in one job; `time` is that of one run"),
  runs_at_once: count.optional().describe(
    "So many runs of a job at once, sharing its CPUs and GPUs",
  ),
  sbatch: z.union([option, z.array(option)], { error: "a list of options | write [--name=value]" })
    .optional().describe("Further options of sbatch: [--hint=nomultithread]"),
}, RESOURCE_WORDS);
