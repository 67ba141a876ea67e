import { ask } from "../cluster/ask.ts";
import { capacities, type Capacity, clusterCapacities, freeNodes } from "../cluster/capacity.ts";
import type { Maybe } from "../cluster/detected.ts";
import { type DetectionPorts, machinePorts } from "../cluster/ports.ts";
import { nodeUseQuestion } from "../cluster/probes/node_use.ts";
import { gpusQuestion, type LocalGpu } from "../cluster/probes/tools.ts";
import { SchedulerError } from "../core/errors.ts";
import { type Clock, epochSeconds, systemClock } from "../system/clock.ts";
import { denoRunner } from "../system/deno_runner.ts";
import type { Runner } from "../system/runner.ts";

/** What this machine has, where there is no Slurm. */
export interface MachineResources {
  /** Name of this machine. */
  host: string;
  /** Logical CPUs. */
  cpus: number;
  /** In MiB. */
  memory: number;
  /** As the driver lists them; no value without a driver. */
  gpus: Maybe<LocalGpu[]>;
}

/** What there is, and what of it is free now. */
export type ResourceStatus =
  | {
    kind: "slurm";
    /** When Slurm was asked, in seconds since 1970. */
    asked: number;
    /** The command that said so. */
    source: string;
    /** Each node counted once. */
    total: Omit<Capacity, "partition">[];
    /** By partition: a node counts in each that it is in. */
    partitions: Capacity[];
  }
  | { kind: "machine"; machine: MachineResources; source: string };

/** How the state of the resources is asked for. */
export interface ResourceStatusOptions {
  /** How programs are run; for tests. */
  runner?: Runner;
  /** Where time comes from; for tests. */
  clock?: Clock;
}

/**
 * Free and total GPUs, CPUs and memory, by type of GPU and partition, from one `sinfo`. What is
 * down, drained, reserved, planned or in maintenance is in the totals, and not free. Without Slurm:
 * what this machine has.
 *
 * @throws {SchedulerError} where Slurm is there and does not answer.
 *
 * @example
 * ```ts
 * import { resourceStatus } from "@expflow/cli";
 *
 * const status = await resourceStatus();
 * const gpus = status.kind === "slurm"
 *   ? status.total.map(({ gpuType, freeGpus, gpus }) => `${freeGpus} of ${gpus} ${gpuType}`)
 *   : status.machine.gpus.value?.map(({ name }) => name) ?? [];
 * if (!Array.isArray(gpus)) throw new Error("no list");
 * ```
 */
export async function resourceStatus(
  options: ResourceStatusOptions = {},
): Promise<ResourceStatus> {
  const { runner = denoRunner, clock = systemClock } = options;
  const ports = machinePorts(runner);
  const { value, source, unknown } = await ask(ports, nodeUseQuestion);
  if (value === undefined && unknown) {
    throw new SchedulerError(`Cannot tell what is free: ${source}`, {
      hint: "`expflow doctor` tells whether the controller answers",
    });
  }
  if (value === undefined) {
    return { kind: "machine", machine: await thisMachine(ports), source };
  }
  const free = freeNodes(value);
  return {
    kind: "slurm",
    asked: epochSeconds(clock),
    source,
    total: clusterCapacities(free),
    partitions: capacities(free),
  };
}

/** What this machine has. */
export async function thisMachine(ports: DetectionPorts): Promise<MachineResources> {
  const { hostname, cpus, memory } = ports;
  const gpus = await ask(ports, gpusQuestion);
  return { host: hostname(), cpus: cpus(), memory: memory(), gpus };
}
