import { ask } from "../cluster/ask.ts";
import { type FreeNode, freeNodes } from "../cluster/capacity.ts";
import type { Maybe } from "../cluster/detected.ts";
import { configQuestion } from "../cluster/probes/config.ts";
import { qosLimitsQuestion } from "../cluster/probes/limits.ts";
import { nodeUseQuestion } from "../cluster/probes/node_use.ts";
import type { PastWait } from "../cluster/probes/past_waits.ts";
import { partitionsQuestion } from "../cluster/probes/partitions.ts";
import { standingQuestion } from "../cluster/probes/standing.ts";
import { SchedulerError } from "../core/errors.ts";
import { accessMap, type AccessRequest } from "./access_cache.ts";
import type { CandidateFacts } from "./candidates.ts";
import { pastWaits } from "./past_waits.ts";

/** All that is known before Slurm is asked about single places. */
export interface AdviceFacts extends CandidateFacts {
  waits?: readonly PastWait[];
  /** Whether the dearest resource of a job is billed alone. */
  billsMax?: boolean;
  /** What could not be found out, one line each. */
  unknown: string[];
}

/**
 * Asks once for nodes, partitions, limits, access and past waits, all at the same time.
 *
 * @returns `undefined` where there is no Slurm.
 * @throws {SchedulerError} where Slurm is there and nothing can be said without its answer.
 */
export async function gatherAdviceFacts(request: AccessRequest): Promise<AdviceFacts | undefined> {
  const { ports } = request;
  const nodes = await ask(ports, nodeUseQuestion);
  if (nodes.value === undefined && !nodes.unknown) return undefined;
  const [access, partitions, config, qos, waits] = await Promise.all([
    accessMap(request),
    ask(ports, partitionsQuestion),
    ask(ports, configQuestion),
    ask(ports, qosLimitsQuestion),
    pastWaits(request),
  ]);
  const user = access.map.user;
  const standing = await ask(ports, standingQuestion(user));
  const free: FreeNode[] = freeNodes(needed(nodes));
  return {
    user,
    cells: access.map.cells,
    partitions: needed(partitions),
    nodes: free,
    standing: standing.value,
    qos: qos.value,
    waits: waits.value,
    billsMax: config.value?.billsMax,
    unknown: [
      ...access.failure === undefined ? [] : [`${access.failure}; the map is ${access.age} s old`],
      ...access.map.unknown,
      ...[config, qos, waits, standing].flatMap(({ value, source }) =>
        value === undefined ? [source] : []
      ),
    ],
  };
}

function needed<T>({ value, source }: Maybe<T>): T {
  if (value !== undefined) return value;
  throw new SchedulerError(`Cannot advise: ${source}`, {
    hint: "`expflow doctor` tells whether the controller answers",
  });
}
