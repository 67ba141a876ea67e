import { type Denial, denialsOf, type Sought } from "../core/denials.ts";
import { StorageError } from "../core/errors.ts";
import type { Marker } from "../core/markers.ts";
import type { JobReport, TaskReport } from "../schedulers/scheduler.ts";
import { chunkKey, readRefusal } from "../store/journal.ts";
import type { PlannedChunk } from "../store/plan.ts";
import { type Link, tellingLink } from "./chain.ts";
import type { Collected } from "./collect.ts";
import { type Finding, noteSought, type SoughtChunk, soughtIn } from "./denials.ts";
import { foldStage, latestAttempt, type StageEvidence } from "./fold.ts";
import { taskAt } from "./packs.ts";
import { type LastWords, lastWordsIn, noteLastWords, recall } from "./last_words.ts";

/** A chunk, with what its jobs are said to do and what is noted of it. */
interface Asked {
  about: SoughtChunk;
  reportOn: (task: number) => StageEvidence["report"];
  /** Read only when there is need. */
  lastWords: () => LastWords;
}

/**
 * Where the runs of a chunk stand, or the one run of a chain of them. What is new about those that
 * nobody has is noted first.
 */
export function foldChain(
  submission: Collected,
  chain: readonly PlannedChunk[],
  reports: ReadonlyMap<string, JobReport>,
  now: number,
): Finding[] {
  const { plan, state, journal } = submission;
  const links = chain.map((chunk): Asked => {
    const about = { plan, chunk, state, journal: journal.chunks.get(chunkKey(chunk)) };
    return {
      about,
      reportOn: reportsOf(about, reports),
      lastWords: once(() => lastWordsIn(about)),
    };
  });
  const sought = links.flatMap(({ about }) => soughtIn(about));
  const findings = findingsOf(submission, links, sought);
  const noted = noteSeen(telling(links, findings), sought, findings, now);
  if (Array.isArray(noted) && noted.length === 0) return findings;
  return Array.isArray(noted)
    ? findingsOf(submission, links, [...sought, ...noted])
    : findingsOf(submission, links, sought, noted.why);
}

function once<T>(read: () => T): () => T {
  let known: { value: T } | undefined;
  return () => (known ??= { value: read() }).value;
}

/** The link that the findings are about. */
function telling(links: readonly Asked[], [finding]: readonly Finding[]): Asked {
  const job = finding?.evidence.job;
  return links.find(({ about }) => job !== undefined && about.journal?.jobs[0] === job) ??
    links[0]!;
}

/** @returns the new denials, or why there are none. */
function noteSeen(
  { about, lastWords }: Asked,
  sought: readonly Sought[],
  findings: readonly Finding[],
  now: number,
): Sought[] | { why: string } {
  try {
    noteLastWords(about, lastWords, findings, now);
    return noteSought(about, sought, findings, now);
  } catch (error) {
    if (error instanceof StorageError) return { why: error.message };
    throw error;
  }
}

function findingsOf(
  { plan, journal, markers, state }: Collected,
  links: readonly Asked[],
  sought: readonly Sought[],
  unnoted?: string,
): Finding[] {
  const { chunk, journal: known } = links[0]!.about;
  const jobs = links.flatMap(({ about }) => about.journal?.jobs[0] ?? []);
  const chain = links.length > 1 ? jobs : undefined;
  const refused = journal.refused ? readRefusal(state, chunk) : undefined;
  const markersOf = markers.of(chunk.stage);
  return chunk.runs.map((run, position) => {
    const task = chunk.array ? taskAt(chunk, position) : undefined;
    const own = markersOf(run);
    const attempt = chunk.attempts[position] ?? 1;
    // jobs of a chain continue each other's attempts, with no restart of their own
    const restarts = chain ? 0 : latestAttempt(own, attempt) - attempt;
    const said = ({ about, reportOn, lastWords }: Asked): Link => ({
      job: about.journal?.jobs[0],
      report: recall(reportOn(task ?? -1), lastWords, run, restarts),
    });
    const { job, report } = chain ? tellingLink(links.map(said)) : said(links[0]!);
    const evidence: StageEvidence = {
      submission: plan.submission,
      fingerprint: plan.stages[chunk.stage] ?? "",
      attempt,
      markers: own,
      job,
      task,
      report,
      chain,
      sought: sought.length === 0 ? sought : denialsOf(sought, run, latestEpoch(own)),
      unnoted,
      interrupted: (known?.turn ?? 0) > (known?.full ?? 0),
      refused,
      cancelled: journal.cancelled.has(run),
      pack: chunk.pack && { continues: chunk.pack.continues?.includes(run) ?? false },
    };
    const status = foldStage(evidence);
    if (!report || !("foreign" in report)) return { run, evidence, status };
    // whoever cancels it must not cancel the job that has its number now
    const { job: _, task: __, ...bare } = status;
    return { run, evidence, status: bare };
  });
}

function latestEpoch(markers: readonly Marker[]): number {
  return Math.max(0, ...markers.map(({ epoch }) => epoch));
}

/** The scheduler's reports on the jobs of a chunk, by task; -1 for a job that is no array. */
function reportsOf(
  { chunk: { jobName }, journal }: SoughtChunk,
  reports: ReadonlyMap<string, JobReport>,
) {
  const byTask = new Map<number, TaskReport>();
  const denied: { unknown: string; denials: Denial[] }[] = [];
  for (const job of journal?.jobs ?? []) {
    const report = reports.get(job);
    if (report?.known && (report.name ?? jobName) !== jobName) {
      const unknown = `job ${job} is ${report.name} now: its number was given out anew`;
      return () => ({ unknown, foreign: true as const });
    } else if (report?.known) {
      for (const task of report.tasks) byTask.set(task.task ?? -1, task);
    } else if (report?.denials) denied.push({ unknown: report.why, denials: report.denials });
    else if (report) return () => ({ unknown: report.why });
  }
  const nobody = denied[0] && {
    unknown: denied[0].unknown,
    denials: denied.flatMap(({ denials }) => denials),
  };
  return (task: number) => byTask.get(task) ?? nobody;
}
