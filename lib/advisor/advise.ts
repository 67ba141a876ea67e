import type { DetectionPorts } from "../cluster/ports.ts";
import { meantType, seenGpus } from "../cluster/site/seen_gpus.ts";
import { epochSeconds } from "../system/clock.ts";
import type { AccessRequest } from "./access_cache.ts";
import { type BatchPlan, planBatch } from "./batch_plan.ts";
import { candidatesFor, type Rejection } from "./candidates.ts";
import { type AdviceFacts, gatherAdviceFacts } from "./facts.ts";
import { type AdvisedPlace, placesOf } from "./places.ts";
import type { AdviceRequest } from "./request.ts";
import { type Asked, askStarts, type Directives } from "./starts.ts";
import { type TimeHint, timeHint } from "./time_hint.ts";

/** Where a job could run, best first. */
export interface SlurmAdvice {
  /** Slurm was asked. */
  kind: "slurm";
  /** When Slurm was asked, in seconds since 1970. */
  asked: number;
  /** Whose advice it is. */
  user: string;
  /** Accounts that were looked at, and those above them. */
  accounts: string[];
  /** Those that Slurm would take, or could not be asked about. */
  places: AdvisedPlace[];
  /** Where it cannot run, with the reason. */
  rejected: Rejection[];
  /** How the global batch comes about, where one was given. */
  batch?: BatchPlan;
  /** A shorter time limit with which it would start earlier. */
  shorter?: TimeHint;
  /** What could not be found out, one line each. */
  unknown: string[];
}

/** How the cluster is asked. */
export interface AdviceSurroundings extends AccessRequest {
  directives: Directives;
}

/**
 * Where a job could run, when it would start there, and what each choice costs.
 *
 * @returns `undefined` where there is no Slurm.
 * @throws {SchedulerError} where Slurm does not answer.
 */
export async function adviseOnSlurm(
  request: AdviceRequest,
  around: AdviceSurroundings,
): Promise<SlurmAdvice | undefined> {
  const facts = await gatherAdviceFacts(around);
  if (facts === undefined) return undefined;
  const { ports, clock, directives } = around;
  const { candidates, rejected } = candidatesFor(inItsWords(request, facts), facts);
  const asked = await askStarts(ports, candidates, directives);
  const now = epochSeconds(clock);
  const places = placesOf(asked, facts, now);
  return {
    kind: "slurm",
    asked: now,
    user: facts.user,
    accounts: accountsIn(facts),
    places,
    rejected: [...rejected, ...asked.flatMap(refused)],
    ...request.globalBatch === undefined
      ? {}
      : { batch: planBatch(request.globalBatch, request.gpus, request.maxPerGpu) },
    ...await shorterLimit(ports, places[0], now, directives),
    unknown: facts.unknown,
  };
}

/** The request with types of GPUs as this cluster calls them. */
function inItsWords(request: AdviceRequest, { nodes }: AdviceFacts): AdviceRequest {
  if (request.gpuTypes === undefined) return request;
  const { types } = seenGpus(nodes.map(({ node }) => node));
  const gpuTypes = request.gpuTypes.map((given) => meantType(given, types) ?? given);
  return { ...request, gpuTypes };
}

function accountsIn({ cells, standing }: AdviceFacts): string[] {
  const charged = cells.flatMap(({ account }) => account ?? []);
  return [...new Set([...charged, ...standing?.accounts.map(({ account }) => account) ?? []])];
}

async function shorterLimit(
  ports: DetectionPorts,
  best: AdvisedPlace | undefined,
  now: number,
  directives: Directives,
): Promise<{ shorter?: TimeHint }> {
  const shorter = await timeHint(ports, best, now, directives);
  return shorter === undefined ? {} : { shorter };
}

function refused({ candidate, start }: Asked): Rejection[] {
  if (start.kind !== "refused") return [];
  const { partition, resources, shape } = candidate;
  return [{
    partition: partition.name,
    ...resources.gpu_type === undefined ? {} : { gpuType: resources.gpu_type },
    nodes: shape.nodes,
    reason: start.reason,
    source: start.source,
  }];
}
