import pLimit from "p-limit";
import type { DetectionPorts } from "../cluster/ports.ts";
import { ExpflowError } from "../core/errors.ts";
import type { Resources } from "../core/resources.ts";
import type { StartEstimate } from "../schedulers/scheduler.ts";
import { testStart } from "../schedulers/slurm/test_start.ts";
import type { Candidate } from "./candidates.ts";

/** Never more questions to the controller at once. */
const AT_ONCE = 4;
/** Never more in one piece of advice: each uses up a job id. */
export const MOST_QUESTIONS = 12;

/** What a job's script says of its resources at this site; throws where they cannot be there. */
export type Directives = (resources: Resources) => string[];

/** What was found out about one candidate. */
export interface Asked {
  candidate: Candidate;
  start: StartEstimate;
}

/** Asks Slurm itself, about the most promising first; those too many are not asked. */
export async function askStarts(
  ports: DetectionPorts,
  candidates: readonly Candidate[],
  directives: Directives,
): Promise<Asked[]> {
  const limit = pLimit(AT_ONCE);
  const order = candidates.toSorted(byPromise);
  return await Promise.all(order.map(async (candidate, at) => ({
    candidate,
    start: at < MOST_QUESTIONS
      ? await limit(() => askStart(ports, candidate.resources, directives))
      : notAsked,
  })));
}

const notAsked: StartEstimate = {
  kind: "unknown",
  why: `not asked: Slurm is asked about ${MOST_QUESTIONS} places at most`,
};

/** When a job would start; a site that does not take it says so before Slurm. */
export async function askStart(
  ports: DetectionPorts,
  resources: Resources,
  directives: Directives,
): Promise<StartEstimate> {
  let lines: string[];
  try {
    lines = directives(resources);
  } catch (error) {
    if (!(error instanceof ExpflowError)) throw error;
    return { kind: "refused", reason: error.message, source: "site profile" };
  }
  return await testStart(ports, lines);
}

/** What fits now, is held by nothing and keeps its nodes; then few nodes, then the partition's name. */
function byPromise(a: Candidate, b: Candidate): number {
  const order = ({ fitting, shape, holds = [], partition }: Candidate) => [
    fitting >= shape.nodes ? 0 : 1,
    holds.length,
    partition.mayBePreempted ? 1 : 0,
    shape.nodes,
  ];
  const [left, right] = [order(a), order(b)];
  const at = left.findIndex((value, i) => value !== right[i]);
  return at < 0
    ? a.partition.name.localeCompare(b.partition.name) ||
      (a.resources.gpu_type ?? "").localeCompare(b.resources.gpu_type ?? "")
    : left[at]! - right[at]!;
}
