import type { Capacity } from "../cluster/capacity.ts";
import type { MachineResources, ResourceStatus } from "../manager/resources.ts";
import { tellMib } from "./sizes.ts";
import { textTable } from "./text_table.ts";

/** What is free, for a person. */
export function tellStatus(status: ResourceStatus, columns: number): string {
  if (status.kind === "machine") return tellMachine(status.machine);
  const total = status.total.map((one) => ["", ...cells(one)]);
  const rows = status.partitions.map((one) => [one.partition, ...cells(one)]);
  const head = [
    "partition",
    "GPU",
    "free",
    "of",
    "most on a node",
    "nodes usable",
    "idle",
    "of",
    "CPUs free",
    "of",
    "memory free",
    "of",
  ];
  return textTable(head, [...rows, ...total.map((row) => ["(all)", ...row.slice(1)])], columns);
}

function cells(one: Omit<Capacity, "partition">): string[] {
  const gpus = one.gpus > 0;
  return [
    gpus ? one.gpuType ?? "gpu" : "",
    gpus ? tellCount(one.freeGpus) : "",
    gpus ? String(one.gpus) : "",
    gpus ? tellCount(one.mostFreeGpus) : "",
    String(one.usableNodes),
    String(one.idleNodes),
    String(one.nodes),
    String(one.freeCpus),
    String(one.cpus),
    tellMib(one.freeMemory),
    tellMib(one.memory),
  ];
}

function tellCount(count: number | null): string {
  return count === null ? "?" : String(count);
}

/** What this machine has. */
export function tellMachine({ host, cpus, memory, gpus }: MachineResources): string {
  const kinds = Map.groupBy(gpus.value ?? [], ({ name }) => name);
  const rows = Array.from(kinds, ([name, some]) => [name, String(some.length)]);
  const known = gpus.unknown ? `unknown (${gpus.source})` : `none (${gpus.source})`;
  return textTable(["this machine", host], [
    ["CPUs", String(cpus)],
    ["memory", tellMib(memory)],
    ...rows.length > 0 ? rows.map(([name, count]) => ["GPUs", `${count} ${name}`]) : [
      ["GPUs", known],
    ],
  ], Infinity);
}
