import type { Denial } from "../../core/denials.ts";
import { isOver, type JobReport, type TaskReport } from "../scheduler.ts";
import type { Said, Sighting } from "./sighting.ts";

/** What one source says of one job: its rows, or why it could not be asked. `absent`: there is none. */
export type Testimony = Sighting[] | { why: string; absent?: boolean };

/** What is asked about one job, and what there is to go by. */
export interface Evidence {
  job: string;
  /** Tasks that need an answer, where the caller named them. */
  wanted: readonly number[];
  queue: Testimony;
  /** Absent when there was no need to ask. */
  accounting?: Testimony;
  /** Whether accounting is known to have been told everything. */
  settled: boolean;
  /** Each source's word, when all of them answered: it holds for what none of them has. */
  denials?: Denial[];
}

/** Key of a job without tasks, as if it were one. */
const WHOLE = -1;

function rows(testimony: Testimony | undefined): Sighting[] {
  return Array.isArray(testimony) ? testimony : [];
}

function* expand(sightings: readonly Sighting[]): Generator<[number, Said]> {
  for (const { tasks, said } of sightings) {
    for (const task of tasks ?? [WHOLE]) yield [task, said];
  }
}

/** The latest attempt of each task. A row of its own outranks one for the tasks that have none. */
export function lastAttempts(sightings: readonly Sighting[]): Map<number, Said> {
  const isOwn = ({ tasks }: Sighting): boolean => tasks === undefined || tasks.length === 1;
  const shared = expand(sightings.filter((sighting) => !isOwn(sighting)));
  const own = Map.groupBy(expand(sightings.filter(isOwn)), ([task]) => task);
  return new Map([
    ...shared,
    ...Array.from(
      own,
      ([task, all]): [number, Said] => [task, latest(all.map(([, said]) => said))],
    ),
  ]);
}

function latest(attempts: Said[]): Said {
  const sorted = attempts.toSorted((a, b) => (a.submitted ?? 0) - (b.submitted ?? 0));
  return { ...sorted.at(-1)!, submitted: sorted[0]!.submitted, restarts: sorted.length - 1 };
}

/** Whether the queue alone leaves a question about the job open. */
export function isOpen({ queue, wanted }: Pick<Evidence, "queue" | "wanted">): boolean {
  const seen = new Map(expand(rows(queue)));
  if (seen.size === 0 || wanted.some((task) => !seen.has(task))) return true;
  return [...seen.values()].some(({ state, reason }) => state === "CANCELLED" && !reason);
}

/**
 * What is known of one job. The queue outranks accounting, which is believed only about what is
 * over; where neither knows a task, it is `UNKNOWN` with the reason. Numbers are given out anew when
 * a controller starts afresh: records with another name than the queue's are another job's.
 */
export function mergeReport(evidence: Evidence): JobReport {
  const { job, wanted, queue, accounting } = evidence;
  const name = rows(queue)[0]?.name;
  const records = rows(accounting).filter((row) => name === undefined || row.name === name);
  const names = new Set(records.map((row) => row.name));
  if (names.size > 1) {
    return { known: false, why: `several jobs have the id ${job}: ${[...names].join(", ")}` };
  }
  const live = new Map(expand(rows(queue)));
  const past = lastAttempts(records);
  const heardOf = live.size + past.size > 0;
  const keys = new Set([...live.keys(), ...past.keys(), ...heardOf ? wanted : []]);
  const tasks = [...keys].sort((a, b) => a - b).map((key): TaskReport => ({
    job,
    ...key === WHOLE ? {} : { task: key },
    ...sayTask(evidence, live.get(key), past.get(key)),
  }));
  const known = tasks.some(({ state, raw }) => state !== "UNKNOWN" || raw !== undefined);
  return known ? { known: true, tasks, name: name ?? records[0]?.name } : {
    known: false,
    why: whyNot(evidence, [...past.values()][0]),
    denials: heardOf ? undefined : evidence.denials,
  };
}

function sayTask(evidence: Evidence, live: Said | undefined, past: Said | undefined): Said {
  if (live) {
    const cancelled = live.state === "CANCELLED" && past?.state === "CANCELLED";
    return cancelled ? { ...live, reason: live.reason ?? past.reason } : live;
  }
  if (past && isOver(past.state)) return past;
  const { queue, accounting, settled, denials } = evidence;
  if (!past && settled && Array.isArray(queue) && Array.isArray(accounting)) {
    const reason = "cancelled before it started";
    return { state: "CANCELLED", reason, restarts: 0, source: "squeue and sacct" };
  }
  const unknown: Said = {
    state: "UNKNOWN",
    reason: whyNot(evidence, past),
    source: "squeue and sacct",
  };
  return past ? unknown : { ...unknown, denials };
}

function whyNot({ queue, accounting }: Evidence, past: Said | undefined): string {
  if (!Array.isArray(queue)) return queue.why;
  if (accounting && !Array.isArray(accounting)) {
    return `it is not in the queue any more, and ${accounting.why}`;
  }
  return past
    ? `accounting still says ${past.raw ?? past.state}, but the queue has it no more`
    : "neither the queue nor accounting has it";
}
