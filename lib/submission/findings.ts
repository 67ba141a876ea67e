import { type Denial, denialsOf, type Sought } from "../core/denials.ts";
import { StorageError } from "../core/errors.ts";
import type { JobReport, TaskReport } from "../schedulers/scheduler.ts";
import { chunkKey, readRefusal } from "../store/journal.ts";
import type { PlannedChunk } from "../store/plan.ts";
import { type Collected, stageKey } from "./collect.ts";
import { type Finding, noteSought, type SoughtChunk, soughtIn } from "./denials.ts";
import { foldStage, latestAttempt, type StageEvidence } from "./fold.ts";
import { type LastWords, lastWordsIn, noteLastWords, recall } from "./last_words.ts";

/** Where the runs of a chunk stand. What is new about those that nobody has is noted first. */
export function foldChunk(
  submission: Collected,
  chunk: PlannedChunk,
  reports: ReadonlyMap<string, JobReport>,
  now: number,
): Finding[] {
  const { plan, state } = submission;
  const about = { plan, chunk, state, journal: submission.journal.chunks.get(chunkKey(chunk)) };
  const seen: Seen = { sought: soughtIn(about), lastWords: once(() => lastWordsIn(about)) };
  const findings = findingsOf(submission, about, reports, seen);
  const noted = noteSeen(about, seen, findings, now);
  if (Array.isArray(noted) && noted.length === 0) return findings;
  const more = Array.isArray(noted)
    ? { sought: [...seen.sought, ...noted] }
    : { unnoted: noted.why };
  return findingsOf(submission, about, reports, { ...seen, ...more });
}

/** What is noted of a chunk. */
interface Seen {
  sought: readonly Sought[];
  /** Read only when there is need. */
  lastWords: () => LastWords;
  /** Why nothing can be noted. */
  unnoted?: string;
}

function once<T>(read: () => T): () => T {
  let known: { value: T } | undefined;
  return () => (known ??= { value: read() }).value;
}

/** @returns the new denials, or why there are none. */
function noteSeen(
  about: SoughtChunk,
  { sought, lastWords }: Seen,
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
  { chunk, journal: known }: SoughtChunk,
  reports: ReadonlyMap<string, JobReport>,
  { sought, lastWords, unnoted }: Seen,
): Finding[] {
  const job = known?.jobs[0];
  const reportOn = reportsOf(known?.jobs ?? [], reports);
  const refused = journal.refused ? readRefusal(state, chunk) : undefined;
  return chunk.runs.map((run, position) => {
    const task = chunk.array ? run - chunk.base : undefined;
    const own = markers.get(stageKey(run, chunk.stage)) ?? [];
    const attempt = chunk.attempts[position] ?? 1;
    const report = reportOn(task ?? -1);
    const evidence: StageEvidence = {
      submission: plan.submission,
      fingerprint: plan.stages[chunk.stage] ?? "",
      attempt,
      markers: own,
      job,
      task,
      report: recall(report, lastWords, run, latestAttempt(own, attempt) - attempt),
      sought: denialsOf(sought, run, Math.max(0, ...own.map(({ epoch }) => epoch))),
      unnoted,
      interrupted: (known?.turn ?? 0) > (known?.full ?? 0),
      refused,
      cancelled: journal.cancelled.has(run),
    };
    return { run, evidence, status: foldStage(evidence) };
  });
}

/** The scheduler's reports on the jobs of a chunk, by task; -1 for a job that is no array. */
function reportsOf(jobs: readonly string[], reports: ReadonlyMap<string, JobReport>) {
  const byTask = new Map<number, TaskReport>();
  const denied: { unknown: string; denials: Denial[] }[] = [];
  for (const job of jobs) {
    const report = reports.get(job);
    if (report?.known) { for (const task of report.tasks) byTask.set(task.task ?? -1, task); }
    else if (report?.denials) denied.push({ unknown: report.why, denials: report.denials });
    else if (report) return () => ({ unknown: report.why });
  }
  const nobody = denied[0] && {
    unknown: denied[0].unknown,
    denials: denied.flatMap(({ denials }) => denials),
  };
  return (task: number) => byTask.get(task) ?? nobody;
}
