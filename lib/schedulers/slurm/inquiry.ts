import type { Denial } from "../../core/denials.ts";
import { isOver, type JobReport, type WantedTasks } from "../scheduler.ts";
import { ask, type SlurmPorts } from "./call.ts";
import { parseBacklog, statisticsCommand } from "./cluster.ts";
import { chunks } from "./control.ts";
import { type JobId, parseJobId } from "./job_id.ts";
import { type Evidence, isOpen, lastAttempts, mergeReport } from "./merge.ts";
import { parseSacct, sacctCommand } from "./sacct.ts";
import { parseSqueue, squeueCommand } from "./squeue.ts";
import { askTable, type TableQuestion } from "./table.ts";

/** Ids in one command: far below what an argument may be long. */
const JOBS_AT_ONCE = 1000;

type Source = "queue" | "accounting";

interface Inquired extends Evidence {
  number: string;
  /** What each source that answered says when it has nothing to say. */
  silence: Partial<Record<Source, Denial>>;
}

/**
 * What Slurm knows of jobs, with one squeue for all of them. Accounting is asked about those, and
 * only those, that the queue leaves open; jobs of which neither knows the end are looked for in the
 * queue once more by number, since they may be another user's.
 */
export async function inquire(
  ports: SlurmPorts,
  ids: readonly string[],
  wanted: WantedTasks,
): Promise<Map<string, JobReport>> {
  const reports = new Map<string, JobReport>();
  const jobs: [string, JobId][] = [];
  for (const id of new Set(ids)) {
    const job = parseJobId(id);
    if (job) jobs.push([id, job]);
    reports.set(id, { known: false, why: `${JSON.stringify(id)} is no id of Slurm's` });
  }
  for (const [cluster, here] of Map.groupBy(jobs, ([, job]) => job.cluster)) {
    const numbers = new Map(here.map(([id, { number }]) => [id, number]));
    for (const evidence of await inquireCluster(ports, cluster, numbers, wanted)) {
      reports.set(evidence.job, mergeReport(evidence));
    }
  }
  return reports;
}

async function inquireCluster(
  ports: SlurmPorts,
  cluster: string | undefined,
  numbers: ReadonlyMap<string, string>,
  wanted: WantedTasks,
): Promise<Inquired[]> {
  const mine = { command: () => squeueCommand({ cluster }), parse: parseSqueue };
  const queue = await askTable(ports, mine, []);
  const all = Array.from(numbers, ([job, number]): Inquired => ({
    job,
    number,
    wanted: wanted.get(job) ?? [],
    queue: queue.rowsOf(number),
    settled: false,
    silence: { queue: queue.silenceOn(number) },
  }));
  const open = all.filter(isOpen);
  await askAll(ports, open, "accounting", {
    command: (jobs) => sacctCommand({ jobs, cluster }),
    parse: parseSacct,
  });
  const nowhere = open.filter((one) => Array.isArray(one.queue) && !isSeen(one));
  await askAll(ports, nowhere, "queue", {
    command: (jobs) => squeueCommand({ jobs, cluster }),
    parse: parseSqueue,
  });
  const missing = open.filter(isGapped);
  const settled = missing.some(({ accounting }) => Array.isArray(accounting)) &&
    await isSettled(ports, cluster);
  for (const one of missing) {
    const { queue, accounting } = one.silence;
    one.settled = settled && Array.isArray(one.accounting) && one.accounting.length > 0;
    const complete = settled || !Array.isArray(one.accounting);
    if (queue && accounting && complete) one.denials = [queue, accounting];
  }
  return all;
}

/** Whether accounting has been told everything that the controller knows. */
async function isSettled(ports: SlurmPorts, cluster: string | undefined): Promise<boolean> {
  const statistics = await ask(ports, statisticsCommand(cluster));
  return statistics.ok && parseBacklog(statistics.stdout) === 0;
}

/** Puts a source's word on each of these jobs into its evidence. */
async function askAll(
  ports: SlurmPorts,
  inquired: readonly Inquired[],
  source: Source,
  question: TableQuestion,
): Promise<void> {
  for (const some of chunks(inquired, JOBS_AT_ONCE)) {
    const table = await askTable(ports, question, some.map(({ number }) => number));
    for (const one of some) {
      one[source] = table.rowsOf(one.number);
      one.silence[source] = table.silenceOn(one.number);
    }
  }
}

/** Whether the queue has it, or accounting has only ends. */
function isSeen({ queue, accounting }: Inquired): boolean {
  if (Array.isArray(queue) && queue.length > 0) return true;
  const last = Array.isArray(accounting) ? [...lastAttempts(accounting).values()] : [];
  return last.length > 0 && last.every(({ state }) => isOver(state));
}

/** Whether the queue, and accounting where there is one, answered, but lack the job or tasks of it. */
function isGapped({ queue, accounting, wanted }: Inquired): boolean {
  if (!Array.isArray(queue) || !accounting) return false;
  if (!Array.isArray(accounting) && !accounting.absent) return false;
  const rows = [...queue, ...Array.isArray(accounting) ? accounting : []];
  const seen = new Set(rows.flatMap(({ tasks }) => tasks ?? []));
  return rows.length === 0 || wanted.some((task) => !seen.has(task));
}
