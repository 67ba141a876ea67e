import { type Denial, denialsOf, type Sought } from "../core/denials.ts";
import type { JobReport, TaskReport } from "../schedulers/scheduler.ts";
import { chunkKey, readRefusal } from "../store/journal.ts";
import type { PlannedChunk } from "../store/plan.ts";
import { type Collected, stageKey } from "./collect.ts";
import { type Finding, noteSought, type SoughtChunk, soughtIn } from "./denials.ts";
import { foldStage, type StageEvidence } from "./fold.ts";

/** Where the runs of a chunk stand. What is new about those that nobody has is noted first. */
export function foldChunk(
  submission: Collected,
  chunk: PlannedChunk,
  reports: ReadonlyMap<string, JobReport>,
  now: number,
): Finding[] {
  const { plan, state } = submission;
  const about = { plan, chunk, state, journal: submission.journal.chunks.get(chunkKey(chunk)) };
  const sought = soughtIn(about);
  const findings = findingsOf(submission, about, reports, sought);
  const noted = noteSought(about, sought, findings, now);
  if (Array.isArray(noted) && noted.length === 0) return findings;
  const { all, unnoted } = Array.isArray(noted)
    ? { all: [...sought, ...noted], unnoted: undefined }
    : { all: sought, unnoted: noted.why };
  return findingsOf(submission, about, reports, all, unnoted);
}

function findingsOf(
  { plan, journal, markers, state }: Collected,
  { chunk, journal: known }: SoughtChunk,
  reports: ReadonlyMap<string, JobReport>,
  sought: readonly Sought[],
  unnoted?: string,
): Finding[] {
  const job = known?.jobs[0];
  const reportOn = reportsOf(known?.jobs ?? [], reports);
  const refused = journal.refused ? readRefusal(state, chunk) : undefined;
  return chunk.runs.map((run, position) => {
    const task = chunk.array ? run - chunk.base : undefined;
    const own = markers.get(stageKey(run, chunk.stage)) ?? [];
    const evidence: StageEvidence = {
      submission: plan.submission,
      fingerprint: plan.stages[chunk.stage] ?? "",
      attempt: chunk.attempts[position] ?? 1,
      markers: own,
      job,
      task,
      report: reportOn(task ?? -1),
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
