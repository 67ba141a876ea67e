import type { AccessCell } from "../cluster/access.ts";
import type { FreeNode } from "../cluster/capacity.ts";
import type { Partition } from "../cluster/probes/partitions.ts";
import { formatDuration } from "../core/durations.ts";
import type { Resources } from "../core/resources.ts";
import type { Tres } from "../core/tres.ts";
import { byPreference, type Objection, openCells } from "./charges.ts";
import { type Fits, isWhole, misfit, nodesFor } from "./fits.ts";
import { fairshareOf, type Hold, holdsOn, type LimitFacts } from "./limits.ts";
import { type AdviceRequest, needOf, secondsOf, type Shape, shapesOf, tresOf } from "./request.ts";

/** A place for a job: partition, account, QOS, type of GPU and spread over nodes. */
export interface Candidate {
  /** What the job asks for there. */
  resources: Resources;
  /** Where its nodes are; a site without named partitions leaves it out of the resources. */
  partition: Partition;
  shape: Shape;
  tres: Tres;
  /** Nodes that could take a part of it now. */
  fitting: number;
  /** Whether it takes all GPUs (without any, all CPUs) of its nodes. */
  whole: boolean;
  /** Limits that would hold it; absent where none of them is known. */
  holds?: Hold[];
  fairshare?: number;
}

/** A place where the job cannot run, and why. */
export interface Rejection {
  /** Name of the partition. */
  partition: string;
  /** Absent where no type, or every type, is out of the question. */
  gpuType?: string;
  /** Of this spread over nodes only; absent where it is about all of them. */
  nodes?: number;
  /** Why, in one phrase. */
  reason: string;
  /** The list or command that said so. */
  source: string;
}

/** What candidates are made of. */
export interface CandidateFacts extends LimitFacts {
  cells: readonly AccessCell[];
  partitions: readonly Partition[];
  nodes: readonly FreeNode[];
}

/** Every place of the partitions where the job fits, and why it does not in the others. */
export function candidatesFor(
  request: AdviceRequest,
  facts: CandidateFacts,
): { candidates: Candidate[]; rejected: Rejection[] } {
  const candidates: Candidate[] = [];
  const rejected: Rejection[] = [];
  const wanted = request.resources.partition?.split(",");
  for (const partition of facts.partitions) {
    if (wanted && !wanted.includes(partition.name)) continue;
    const cells = openCells(request, facts.cells, partition);
    const no = "reason" in cells ? cells : partitionObjection(request, partition);
    if (no) {
      rejected.push({ partition: partition.name, ...no });
      continue;
    }
    for (const found of placesIn(request, facts, partition, cells as AccessCell[])) {
      if ("reason" in found) rejected.push(found);
      else candidates.push(found);
    }
  }
  const missing = wanted?.filter((name) => !facts.partitions.some((one) => one.name === name)) ??
    [];
  rejected.push(...missing.map((partition) => ({
    partition,
    reason: "there is no such partition",
    source: "scontrol show partition",
  })));
  return { candidates: distinct(candidates), rejected };
}

/** Jobs that name no partition are the same in all of them. */
function distinct(candidates: readonly Candidate[]): Candidate[] {
  const kinds = Map.groupBy(candidates, ({ resources }) => JSON.stringify(resources));
  return Array.from(kinds.values(), ([first]) => first!);
}

const SHOW = "scontrol show partition";

function partitionObjection(
  { resources }: AdviceRequest,
  { state, maxTime }: Partition,
): Objection | undefined {
  if (state !== "UP") return { reason: `it is ${state.toLowerCase()}`, source: SHOW };
  const seconds = secondsOf(resources);
  if (typeof maxTime !== "number" || seconds === undefined || seconds <= maxTime) return undefined;
  const [most, asked] = [formatDuration(maxTime), formatDuration(seconds)];
  return { reason: `its time limit is ${most}, asked for ${asked}`, source: SHOW };
}

function placesIn(
  request: AdviceRequest,
  facts: CandidateFacts,
  partition: Partition,
  cells: readonly AccessCell[],
): (Candidate | Rejection)[] {
  const here = facts.nodes.filter(({ node }) => node.partitions.includes(partition.name));
  const types: (string | undefined)[] = request.gpus === 0
    ? [undefined]
    : [...request.gpuTypes ?? new Set(here.flatMap(({ gpus }) => [...gpus.keys()]))];
  const where = { partition: partition.name, source: "sinfo --Node" };
  if (types.length === 0) return [{ ...where, reason: "its nodes have no GPUs" }];
  return types.flatMap((type): (Candidate | Rejection)[] => {
    const gpuType = type ? { gpuType: type } : {};
    const found = shapesOf(request).flatMap((shape) => {
      const fits = nodesFor(here, needOf(request.resources, shape), type);
      return fits.all.length < shape.nodes || exceeds(partition.maxNodes, shape.nodes)
        ? []
        : [candidate(request, facts, { partition, cells, shape, type, fits })];
    });
    return found.length > 0 ? found : [{ ...where, ...gpuType, reason: misfit(request, type) }];
  });
}

function exceeds(max: Partition["maxNodes"], nodes: number): boolean {
  return typeof max === "number" && nodes > max;
}

function candidate(
  request: AdviceRequest,
  facts: CandidateFacts,
  { partition, cells, shape, type, fits }: {
    partition: Partition;
    cells: readonly AccessCell[];
    shape: Shape;
    type: string | undefined;
    fits: Fits;
  },
): Candidate {
  const base: Resources = {
    ...request.resources,
    ...request.unnamedPartition ? {} : { partition: partition.name },
    ...shape.gpus > 0 ? { gpus: shape.gpus } : {},
    ...shape.open || (shape.gpus === 0 && request.nodes === undefined)
      ? {}
      : { nodes: shape.nodes },
    ...type ? { gpu_type: type } : {},
  };
  const tres = tresOf(base, shape);
  const seconds = secondsOf(base);
  const charges = cells.map((cell) => {
    const qos = [...new Set([cell.qos ?? base.qos, partition.qos].flatMap((name) => name ?? []))];
    const holds = facts.standing || facts.qos
      ? holdsOn(facts, { account: cell.account, qos }, tres, seconds)
      : undefined;
    return { cell, holds, fairshare: fairshareOf(facts, cell.account) };
  });
  const { cell, holds, fairshare } = charges.toSorted(byPreference)[0]!;
  const { account, qos, defaultQos } = cell;
  return {
    resources: {
      ...base,
      ...account === undefined ? {} : { account },
      ...qos === undefined || (defaultQos && request.resources.qos === undefined) ? {} : { qos },
    },
    partition,
    shape,
    tres,
    fitting: fits.now,
    whole: fits.all.every(({ node }) => isWhole(node, shape, tres)),
    ...holds === undefined ? {} : { holds },
    ...fairshare === undefined ? {} : { fairshare },
  };
}
