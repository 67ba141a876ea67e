import { ask } from "../cluster/ask.ts";
import { askingOnce } from "../cluster/asking_once.ts";
import { type FreeNode, freeNodes } from "../cluster/capacity.ts";
import type { Maybe } from "../cluster/detected.ts";
import { detectPlace } from "../cluster/place.ts";
import { accountingQuestions } from "../cluster/probes/accounting.ts";
import { configQuestion } from "../cluster/probes/config.ts";
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
  const ports = askingOnce(request.ports);
  const nodes = await ask(ports, nodeUseQuestion);
  if (nodes.value === undefined && !nodes.unknown) return undefined;
  const { user: { value: user } } = await detectPlace(ports);
  const { qos: qosQuestion, accounts } = accountingQuestions(user);
  const [access, partitions, config, qos, waits, standing] = await Promise.all([
    accessMap({ ...request, ports, accountsOf: () => accounts }),
    ask(ports, partitionsQuestion),
    ask(ports, configQuestion),
    ask(ports, qosQuestion),
    pastWaits({ ...request, ports }),
    ask(ports, standingQuestion(user)),
  ]);
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
