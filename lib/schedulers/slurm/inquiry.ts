import type { JobReport, WantedTasks } from "../scheduler.ts";
import { type Answer, ask, type SlurmPorts } from "./call.ts";
import { parseBacklog, statisticsCommand } from "./cluster.ts";
import { chunks } from "./control.ts";
import { type JobId, parseJobId } from "./job_id.ts";
import { type Evidence, isOpen, lastAttempts, mergeReport, type Testimony } from "./merge.ts";
import { parseSacct, sacctCommand } from "./sacct.ts";
import type { Sighting } from "./sighting.ts";
import { parseSqueue, squeueCommand } from "./squeue.ts";
import { isOver } from "./states.ts";

/** Ids in one command: far below what an argument may be long. */
const JOBS_AT_ONCE = 1000;
const NO_SUCH_JOB = /Invalid job id specified/i;

interface Inquired extends Evidence {
  number: string;
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
  const queue = read(await ask(ports, squeueCommand({ cluster })), "squeue", parseSqueue);
  const rowsOf = byJob(queue);
  const all = Array.from(numbers, ([job, number]): Inquired => ({
    job,
    number,
    wanted: wanted.get(job) ?? [],
    queue: rowsOf(number),
    settled: false,
  }));
  const open = all.filter(isOpen);
  await askAll(open, (jobs) => sacctCommand({ jobs, cluster }), ports, "accounting");
  const nowhere = open.filter((one) => !isSeen(one));
  if (Array.isArray(queue)) {
    await askAll(nowhere, (jobs) => squeueCommand({ jobs, cluster }), ports, "queue");
  }
  if (all.some(isGapped)) {
    const statistics = await ask(ports, statisticsCommand(cluster));
    const settled = statistics.ok && parseBacklog(statistics.stdout) === 0;
    for (const one of all) one.settled = settled && isGapped(one);
  }
  return all;
}

/** Puts a source's word on each of these jobs into its evidence. */
async function askAll(
  inquired: readonly Inquired[],
  commandFor: (jobs: string[]) => [string, ...string[]],
  ports: SlurmPorts,
  source: "queue" | "accounting",
): Promise<void> {
  const parse = source === "queue" ? parseSqueue : parseSacct;
  for (const some of chunks(inquired, JOBS_AT_ONCE)) {
    const argv = commandFor(some.map(({ number }) => number));
    const rowsOf = byJob(read(await ask(ports, argv), argv[0], parse));
    for (const one of some) one[source] = rowsOf(one.number);
  }
}

/** An answer as rows. That a job is not known is an answer. */
function read(answer: Answer, program: string, parse: (text: string) => Sighting[]): Testimony {
  if (!answer.ok) return NO_SUCH_JOB.test(answer.why) ? [] : { why: answer.why };
  try {
    return parse(answer.stdout);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { why: `${program}: ${error.message}` };
  }
}

function byJob(testimony: Testimony): (number: string) => Testimony {
  if (!Array.isArray(testimony)) return () => testimony;
  const rows = Map.groupBy(testimony, ({ job }) => job);
  return (number) => rows.get(number) ?? [];
}

/** Whether the queue has it, or accounting has only ends. */
function isSeen({ queue, accounting }: Inquired): boolean {
  if (Array.isArray(queue) && queue.length > 0) return true;
  const last = Array.isArray(accounting) ? [...lastAttempts(accounting).values()] : [];
  return last.length > 0 && last.every(({ state }) => isOver(state));
}

/** Whether both sources know the job, but not all of the tasks that need an answer. */
function isGapped({ queue, accounting, wanted }: Inquired): boolean {
  if (!Array.isArray(queue) || !Array.isArray(accounting) || accounting.length === 0) return false;
  const seen = new Set([...queue, ...accounting].flatMap(({ tasks }) => tasks ?? []));
  return wanted.some((task) => !seen.has(task));
}
