import type { Resources } from "../core/resources.ts";
import type { Candidate } from "./candidates.ts";
import { type ExpectedCost, expectedCost } from "./cost.ts";
import type { AdviceFacts } from "./facts.ts";
import type { Hold } from "./limits.ts";
import { secondsOf } from "./request.ts";
import { scoreOf, type ScoreTerm, scoreTerms } from "./score.ts";
import type { Asked } from "./starts.ts";
import { historyOf, type WaitHistory, type WaitRange, waitRange } from "./waits.ts";

/** A place where Slurm would take the job, with what speaks for it. */
export interface AdvisedPlace {
  /** What the job asks for there, as it may stand in an experiment. */
  resources: Resources;
  /** Where its nodes are. */
  partition: string;
  /** How many nodes. */
  nodes: number;
  /** GPUs of each node. */
  gpusPerNode: number;
  /** Whether other partitions may take its nodes; absent where not known. */
  mayBePreempted?: boolean;
  /** Nodes that could take a part of it now. */
  fittingNow: number;
  /** Slurm's own estimate; absent where it gave none, see `startUnknown`. */
  start?: { epoch: number; seconds: number; nodes?: string; source: string };
  /** Why Slurm's estimate is not known. */
  startUnknown?: string;
  /** The estimate with what the user's own jobs waited; absent where neither is known. */
  wait?: WaitRange;
  /** What those waits are. */
  history?: WaitHistory;
  /** Limits that would hold it; absent where they are not known. */
  holds?: Hold[];
  /** 0 to 1; absent where it is not known. */
  fairshare?: number;
  /** If it runs up to its time limit. */
  cost: ExpectedCost;
  /** 0 to 1: the sum of weight × value of the terms. */
  score: number;
  /** What the score is made of. */
  terms: ScoreTerm[];
}

/** The places that Slurm did not refuse, best first. */
export function placesOf(asked: readonly Asked[], facts: AdviceFacts, now: number): AdvisedPlace[] {
  const taken = asked.filter(({ start }) => start.kind !== "refused").map((one) => ({
    ...one,
    cost: expectedCost(
      one.candidate.partition,
      one.candidate.tres,
      secondsOf(one.candidate.resources) ?? presetTime(one.candidate),
      facts.billsMax,
    ),
  }));
  const known = taken.flatMap(({ cost }) => cost.billingHours ?? []);
  const cheapest = known.length > 0 ? Math.min(...known) : undefined;
  return taken.map((one) => placeOf(one, facts, { now, cheapest })).sort((a, b) =>
    Number(a.start === undefined) - Number(b.start === undefined) || b.score - a.score ||
    a.partition.localeCompare(b.partition) || a.nodes - b.nodes
  );
}

/** The time of a job that names none. */
function presetTime({ partition: { defaultTime, maxTime } }: Candidate): number | undefined {
  const preset = defaultTime ?? maxTime;
  return typeof preset === "number" ? preset : undefined;
}

function placeOf(
  { candidate, start, cost }: Asked & { cost: ExpectedCost },
  { waits }: AdviceFacts,
  { now, cheapest }: { now: number; cheapest?: number },
): AdvisedPlace {
  const { resources, partition, shape, fitting, holds, fairshare, whole } = candidate;
  const seconds = start.kind === "start" ? Math.max(0, start.epoch - now) : undefined;
  const history = waits && historyOf(waits, partition.name);
  const range = waitRange(seconds, history);
  const { billingHours } = cost;
  const terms = scoreTerms({
    wait: range && (range.from + range.to) / 2,
    holds: holds?.length,
    nodes: shape.nodes,
    whole,
    mayBePreempted: partition.mayBePreempted,
    relativeCost: billingHours === null || cheapest === undefined
      ? undefined
      : cheapest === 0
      ? billingHours === 0 ? 1 : Infinity
      : billingHours / cheapest,
    fairshare,
  });
  return {
    resources,
    partition: partition.name,
    nodes: shape.nodes,
    gpusPerNode: shape.gpus,
    ...partition.mayBePreempted === undefined ? {} : { mayBePreempted: partition.mayBePreempted },
    fittingNow: fitting,
    ...start.kind === "start"
      ? {
        start: { epoch: start.epoch, seconds: seconds!, nodes: start.nodes, source: start.source },
      }
      : { startUnknown: start.kind === "unknown" ? start.why : start.reason },
    ...range === undefined ? {} : { wait: range },
    ...history === undefined ? {} : { history },
    ...holds === undefined ? {} : { holds },
    ...fairshare === undefined ? {} : { fairshare },
    cost,
    score: scoreOf(terms),
    terms,
  };
}
