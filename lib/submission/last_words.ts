import type { TaskReport } from "../schedulers/scheduler.ts";
import { isEnded } from "../core/states.ts";
import { readNotes, writeNote } from "../store/notes.ts";
import type { Finding, SoughtChunk } from "./denials.ts";
import type { StageEvidence } from "./fold.ts";

/** How runs ended, in the scheduler's words when it still knew: index of the run → its report. */
export type LastWords = ReadonlyMap<number, TaskReport>;

/** What was noted of a chunk's ends. */
export function lastWordsIn({ state, journal }: SoughtChunk): LastWords {
  const notes = readNotes(state, journal?.notes ?? [], ["ended"]);
  return new Map(
    notes.flatMap(({ content }) => (content as { reports: [number, TaskReport][] }).reports),
  );
}

/** The report to go by: the scheduler's own while it knows, else its last words on this attempt. */
export function recall(
  report: StageEvidence["report"],
  lastWords: () => LastWords,
  run: number,
  restarts: number,
): StageEvidence["report"] {
  if (!report || isKnown(report)) return report;
  const noted = lastWords().get(run);
  return noted && (noted.restarts ?? 0) >= restarts ? noted : report;
}

function isKnown(report: NonNullable<StageEvidence["report"]>): boolean {
  return "state" in report && (report.state !== "UNKNOWN" || report.raw !== undefined);
}

/**
 * Notes the ends that only the scheduler tells, and that it will forget. A project that cannot be
 * written in keeps none.
 */
export function noteLastWords(
  about: SoughtChunk,
  known: () => LastWords,
  findings: readonly Finding[],
  now: number,
): void {
  const fleeting = findings.flatMap(({ run, evidence: { report }, status }) => {
    const told = report && "state" in report && report.fleeting && report.source === status.source;
    return told && isEnded(status.state) ? [[run, report] as const] : [];
  });
  if (fleeting.length === 0) return;
  const before = known();
  const reports = fleeting.filter(([run, { state, restarts }]) => {
    const noted = before.get(run);
    return noted?.state !== state || noted.restarts !== restarts;
  }).map(([run, { fleeting: _, ...report }]) =>
    [run, { ...report, source: `${report.source}, noted` }] as const
  );
  if (reports.length === 0) return;
  writeNote(about.state, about.chunk, { kind: "ended", epoch: now, content: { reports } });
}
