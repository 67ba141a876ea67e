import { ConfigError } from "../core/errors.ts";
import type { LauncherSpec, Resources } from "../core/experiment.ts";
import { type Carried, carryingWords, commandLines, textLines } from "./carried.ts";
import { STRICT } from "./environment.ts";
import { MEETING_VARIABLES } from "./meeting.ts";
import { quote } from "./quote.ts";
import { STEP, STEP_FUNCTIONS } from "./step.ts";

/** A command that a launcher starts, and what it starts it with. */
export interface Launched {
  launcher: LauncherSpec;
  resources: Resources;
  /** Variables of the command, without those of launchers. */
  variables: readonly string[];
}

/** Variables by which a process knows its place, where they are set. */
export const RANK_VARIABLES: readonly string[] = [
  "RANK",
  "WORLD_SIZE",
  "LOCAL_RANK",
  "NODE_RANK",
];

const STEP_VARIABLES = ["expflow_warning", "expflow_warning_asked", "expflow_wire"];

/** Whether a job may have more than one node. */
function spans({ nodes, ntasks }: Resources): boolean {
  return nodes === undefined ? (ntasks ?? 1) > 1 : nodes > 1;
}

/** torchrun and accelerate start the processes of one node. */
function isAgent({ kind }: LauncherSpec): boolean {
  return kind === "torchrun" || kind === "accelerate";
}

/**
 * The innermost layer, in the container if there is one: torchrun or accelerate, which start the
 * command once for each process of their node. The lines as they are for other launchers.
 *
 * @throws {ConfigError} on options that the launcher does not have.
 */
export function agentLines(launched: Launched, lines: string[]): string[] {
  const { launcher, variables } = launched;
  checkLauncher(launched);
  if (!isAgent(launcher)) return lines;
  const carried = { text: [STRICT, ...lines].join("\n"), variables };
  const words = launcher.kind === "torchrun" ? torchrun(launched) : accelerate(launched);
  return [
    `  expflow_node=0; if [[ -n \${NODE_RANK+x} ]]; then expflow_node=$NODE_RANK; fi`,
    ...textLines(carried),
    ...commandLines(launcher.kind === "torchrun" ? "torchrun" : "accelerate launch", [
      ...words,
      ...launcher.options.map(quote),
      launcher.kind === "torchrun" ? "--no-python" : "--no_python",
      ...carryingWords(carried),
    ]),
  ];
}

function torchrun(launched: Launched): string[] {
  return [
    '--nnodes="$expflow_nodes"',
    `--nproc-per-node=${processesPerNode(launched)}`,
    '--rdzv-id="$expflow_meeting"',
    "--rdzv-backend=c10d",
    '--rdzv-endpoint="$MASTER_ADDR:$MASTER_PORT"',
    '--rdzv-conf="is_host=$((expflow_node == 0))"',
  ];
}

function accelerate(launched: Launched): string[] {
  const processes = processesPerNode(launched);
  return [
    '--num_machines="$expflow_nodes"',
    `--num_processes="$((expflow_nodes * ${processes}))"`,
    '--machine_rank="$expflow_node"',
    '--main_process_ip="$MASTER_ADDR"',
    '--main_process_port="$MASTER_PORT"',
    ...processes > 1 || spans(launched.resources) ? ["--multi_gpu"] : [],
  ];
}

function processesPerNode({ launcher, resources }: Launched): number {
  return launcher.processes_per_node ?? (resources.gpus || resources.ntasks_per_node || 1);
}

/**
 * The outermost layer, on the first node: one srun for all nodes, or mpirun. The lines as they are
 * where everything runs on this node.
 */
export function stepLines(launched: Launched, lines: string[]): string[] {
  const { launcher, resources, variables } = launched;
  if (isAgent(launcher) && !spans(resources)) return ["  expflow_meet", ...lines];
  const carried: Carried = {
    text: [STRICT, "expflow_rank() {", ...placeLines(launcher), ...lines, "}", STEP].join("\n"),
    variables: [...variables, ...MEETING_VARIABLES, ...STEP_VARIABLES],
  };
  const mpi = launcher.kind === "mpirun";
  return [
    "  expflow_meet",
    ...textLines(carried),
    ...commandLines(mpi ? "expflow_launch mpirun" : "expflow_launch srun", [
      ...mpi ? [`-n ${tasks(launched)}`] : srun(launched),
      ...isAgent(launcher) ? [] : launcher.options.map(quote),
      ...carryingWords(carried, `$(declare -f ${STEP_FUNCTIONS.join(" ")})"$'\\n'"`),
    ]),
  ];
}

function srun(launched: Launched): string[] {
  const { launcher, resources: { cpus_per_task } } = launched;
  const shape = isAgent(launcher)
    ? ['--ntasks="$expflow_nodes"', "--ntasks-per-node=1", "--cpu-bind=none"]
    : [
      `--ntasks=${tasks(launched)}`,
      ...cpus_per_task === undefined ? [] : [`--cpus-per-task=${cpus_per_task}`],
      ...launcher.mpi === undefined ? [] : [`--mpi=${launcher.mpi}`],
    ];
  return ['--nodes="$expflow_nodes"', ...shape, "--export=ALL --kill-on-bad-exit=1 --wait=0"];
}

/** Of the whole job, in sbatch's words. */
function tasks({ resources: { nodes, ntasks, ntasks_per_node } }: Launched): string {
  if (ntasks !== undefined) return String(ntasks);
  if (nodes !== undefined) return String(nodes * (ntasks_per_node ?? 1));
  return `"$((expflow_nodes * ${ntasks_per_node ?? 1}))"`;
}

/** Where a process is among all: from srun, Open MPI, or what other MPIs set. */
function placeLines({ kind }: LauncherSpec): string[] {
  if (isAgent({ kind, options: [] })) return ["  export NODE_RANK=$SLURM_NODEID"];
  if (kind === "srun") {
    return [
      "  export RANK=$SLURM_PROCID WORLD_SIZE=$SLURM_STEP_NUM_TASKS",
      "  export LOCAL_RANK=$SLURM_LOCALID NODE_RANK=$SLURM_NODEID",
    ];
  }
  return [
    "  if [[ -n ${OMPI_COMM_WORLD_RANK+x} ]]; then",
    "    export RANK=$OMPI_COMM_WORLD_RANK WORLD_SIZE=$OMPI_COMM_WORLD_SIZE",
    "    export LOCAL_RANK=$OMPI_COMM_WORLD_LOCAL_RANK",
    "  elif [[ -n ${PMI_RANK+x} ]]; then",
    "    export RANK=$PMI_RANK WORLD_SIZE=$PMI_SIZE",
    "    if [[ -n ${MPI_LOCALRANKID+x} ]]; then export LOCAL_RANK=$MPI_LOCALRANKID; fi",
    "  fi",
  ];
}

function checkLauncher({ launcher }: Launched): void {
  const { kind, processes_per_node, mpi } = launcher;
  if (processes_per_node !== undefined && !isAgent(launcher)) {
    throw new ConfigError(`Cannot use launcher.processes_per_node with ${kind}`, {
      hint: `${kind} starts the tasks of the job: set resources.ntasks_per_node`,
    });
  }
  if (mpi !== undefined && kind !== "srun") {
    throw new ConfigError(`Cannot use launcher.mpi with ${kind}: it is an option of srun`, {
      hint: "remove it, or set launcher: {kind: srun, mpi: …}",
    });
  }
}
