import { DENIAL_SECONDS, type Sought } from "../core/denials.ts";
import { readNotes, writeNote } from "../store/notes.ts";
import { type ChunkJournal, readIntent } from "../store/journal.ts";
import type { Plan, PlannedChunk } from "../store/plan.ts";
import type { StageEvidence, StageStatus } from "./fold.ts";

/** A job may be in no source yet for so many seconds after it was submitted. */
const GRACE_SECONDS = 60;

/** A chunk of a submission, and what is noted of it. */
export interface SoughtChunk {
  plan: Plan;
  chunk: PlannedChunk;
  journal: ChunkJournal | undefined;
  /** Folder of the submission's state. */
  state: string;
}

/** What was found out about one run of the chunk. */
export interface Finding {
  run: number;
  evidence: StageEvidence;
  status: StageStatus;
}

/** The notes of a chunk; most have none, and nothing is read then. */
export function soughtIn({ state, journal }: SoughtChunk): Sought[] {
  return readNotes(state, journal?.notes ?? [], ["denied", "seen"]).map((note) => ({
    ...note.content as Pick<Sought, "runs" | "denials">,
    kind: note.kind as Sought["kind"],
    epoch: note.epoch,
    record: note.record,
  }));
}

/**
 * Notes that nobody has some runs, or that somebody has them again, where that is new. Denials of a
 * chunk are noted once in {@linkcode DENIAL_SECONDS}.
 * @returns the new notes; throws a `StorageError` when they cannot be written.
 */
export function noteSought(
  about: SoughtChunk,
  sought: readonly Sought[],
  findings: readonly Finding[],
  now: number,
): Sought[] {
  const notes: Omit<Sought, "record">[] = [];
  const back = findings.filter(({ evidence }) => evidence.sought.length > 0 && isHeardOf(evidence));
  if (back.length > 0) {
    notes.push({ kind: "seen", epoch: now, runs: runsOf(about, back), denials: [] });
  }
  const gone = findings.filter(({ evidence, status }) =>
    status.state === "unknown" && evidence.report?.denials !== undefined &&
    evidence.markers.every(({ epoch }) => epoch <= now)
  );
  const denials = gone[0]?.evidence.report?.denials;
  if (denials && isDue(about, sought, now)) {
    notes.push({ kind: "denied", epoch: now, runs: runsOf(about, gone), denials });
  }
  return notes.map((note) => {
    const { kind, epoch, runs, denials } = note;
    const content = { runs, denials };
    return {
      ...note,
      record: writeNote(about.state, about.chunk, { kind, epoch, content }).record,
    };
  });
}

function isHeardOf({ report }: StageEvidence): boolean {
  if (!report || !("state" in report)) return false;
  return report.state !== "UNKNOWN" || report.raw !== undefined;
}

/** All runs of a chunk need not be named. */
function runsOf({ chunk }: SoughtChunk, findings: readonly Finding[]): number[] | undefined {
  return findings.length === chunk.runs.length ? undefined : findings.map(({ run }) => run);
}

function isDue(
  { plan, chunk, journal, state }: SoughtChunk,
  sought: readonly Sought[],
  now: number,
): boolean {
  const intent = journal && readIntent(state, chunk, journal.turn);
  const submitted = Math.max(plan.created, intent?.epoch ?? 0);
  const denied = sought.filter(({ kind }) => kind === "denied").map(({ epoch }) => epoch);
  return now - submitted >= GRACE_SECONDS && now - Math.max(0, ...denied) >= DENIAL_SECONDS;
}
