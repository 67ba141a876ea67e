import pLimit from "p-limit";
import { accessByLists, type AccessCell } from "../cluster/access.ts";
import { gatherAccessFacts } from "../cluster/access_facts.ts";
import type { Question } from "../cluster/ask.ts";
import type { DetectionPorts } from "../cluster/ports.ts";
import type { Association } from "../cluster/probes/accounts.ts";
import { SchedulerError } from "../core/errors.ts";
import { type Admission, askAdmission, type Destination } from "../schedulers/slurm/admission.ts";

/** Where a user may submit: partition × account × QOS. */
export interface AccessMap {
  /** Whose map it is. */
  user: string;
  /** ClusterName of slurm.conf; absent when it is not known. */
  cluster?: string;
  /** When Slurm was asked, in seconds since 1970. */
  asked: number;
  /** One for each partition, account and QOS. */
  cells: AccessCell[];
  /** Why some of it is not known, one line a question without an answer. */
  unknown: string[];
}

/** The question for the accounts of a user. */
export type AccountsOf = (user: string) => Question<Association[]>;

/** Never more questions to the controller at once. */
const AT_ONCE = 4;
/** Never more in one map: each uses up a job id. */
const MOST_QUESTIONS = 100;
const SOURCE = "sbatch --test-only";

/**
 * Asks where this user may submit: lists first, and Slurm itself (`sbatch --test-only`) where they
 * leave it open.
 *
 * @throws {SchedulerError} when there is no list of partitions to begin with.
 */
export async function askAccessMap(
  ports: DetectionPorts,
  asked: number,
  accountsOf?: AccountsOf,
): Promise<AccessMap> {
  const { facts, failure, unknown } = await gatherAccessFacts(ports, accountsOf);
  if (failure !== undefined) {
    throw new SchedulerError(`Cannot map the partitions: ${failure}`, {
      hint: "on a login node of a Slurm cluster `scontrol show partition` must answer; see doctor",
    });
  }
  const cells = await decideOpen(ports, accessByLists(facts));
  return { user: facts.user, cluster: facts.config?.clusterName, asked, cells, unknown };
}

/** Cells that the lists leave open, after Slurm was asked: once for a partition and an account. */
async function decideOpen(ports: DetectionPorts, cells: AccessCell[]): Promise<AccessCell[]> {
  const asked = new Map<string, Destination>();
  for (const { access, partition, account, qos } of cells) {
    const key = keyOf({ partition, account });
    const fits = asked.size < MOST_QUESTIONS && !asked.has(key);
    if (access === "unknown" && fits) asked.set(key, { partition, account, qos });
  }
  const limit = pLimit(AT_ONCE);
  let silent: Admission | undefined;
  const askOne = async (destination: Destination): Promise<Admission> => {
    if (silent) return silent;
    const answer = await askAdmission(ports, destination);
    if (answer.silent) silent = answer;
    return answer;
  };
  const answers = new Map(
    await Promise.all(Array.from(asked, async ([key, destination]) => {
      const answer = await limit(() => askOne(destination));
      return [key, { ...answer, qos: destination.qos }] as const;
    })),
  );
  return cells.map((cell) =>
    cell.access === "unknown" ? decided(cell, answers.get(keyOf(cell))) : cell
  );
}

function keyOf({ partition, account }: Destination): string {
  return `${partition} ${account ?? ""}`;
}

/** A cell with Slurm's answer for its partition and account, which may be about another QOS. */
function decided(
  cell: AccessCell,
  answer: Admission & { qos?: string } | undefined,
): AccessCell {
  if (answer === undefined) {
    const reason = `${cell.reason}; Slurm was not asked, as more than ${MOST_QUESTIONS} are open`;
    return { ...cell, reason };
  }
  const { qos, access, reason } = answer;
  const elsewhere = access === "denied" && /qos/i.test(reason) && qos !== cell.qos;
  if (access === "unknown" || elsewhere) {
    return { ...cell, reason: `${cell.reason}; with QOS ${qos ?? "by default"}: ${reason}` };
  }
  return { ...cell, access, reason, source: SOURCE };
}
