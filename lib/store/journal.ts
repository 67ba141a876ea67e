import { join } from "node:path";
import { type Marker, parseMarker } from "../core/markers.ts";
import {
  createExclusive,
  createLink,
  makeFolder,
  namesIn,
  readIfThere,
  readLinkIfThere,
} from "../system/files.ts";

/** Who is submitting a chunk, so that another process can tell whether it still lives. */
export interface Intent {
  host: string;
  pid: number;
  /** Seconds since 1970. */
  epoch: number;
}

/** What is known of the submission of one chunk. */
export interface ChunkJournal {
  /** How often somebody set out to submit it. */
  turn: number;
  /** The last of these turns that ended without a job, as there was no room; 0 for none. */
  full: number;
  /** Jobs that carry this chunk: one, unless a doubt was resolved twice. */
  jobs: string[];
  /** Names of the notes on what was seen of its runs; absent mostly. */
  notes?: string[];
}

/** Of a chunk that nobody set out to submit. */
export const UNTOUCHED: Readonly<ChunkJournal> = { turn: 0, full: 0, jobs: [] };

/** What the CLI wrote about the jobs of one submission. */
export interface Journal {
  chunks: Map<string, ChunkJournal>;
  /** The scheduler refused one of its jobs for good: the rest is not submitted any more. */
  refused: boolean;
  /** Runs whose cancellation was asked for. */
  cancelled: Set<number>;
}

const ENTRY =
  /^([A-Za-z][A-Za-z0-9_-]*)\.(\d+)\.(intent|full|job|refused|denied|seen|ended)\.(.+)$/;
const NOTES = new Set(["denied", "seen", "ended"]);
/** What is only being written ends otherwise. */
const NOTE = /^\d+\.[0-9a-f]{8}$/;
const INTENT = /^(\d+) (\d+) (.+)$/;
const CANCEL = /^cancel\.(\d+)\.\d+$/;

/** Key of a chunk in a {@linkcode Journal}. */
export function chunkKey(chunk: { stage: string; chunk: number }): string {
  return `${chunk.stage}.${chunk.chunk}`;
}

function folderOf(state: string): string {
  return join(state, "submit");
}

/** Reads names of the journal's folder; names that mean nothing are left aside. */
export function parseJournal(names: readonly string[]): Journal {
  const journal: Journal = { chunks: new Map(), refused: false, cancelled: new Set() };
  for (const name of names) {
    const cancel = CANCEL.exec(name);
    if (cancel) journal.cancelled.add(Number(cancel[1]));
    const entry = ENTRY.exec(name);
    if (!entry) continue;
    const [, stage = "", chunk = "", kind, rest = ""] = entry;
    const key = chunkKey({ stage, chunk: Number(chunk) });
    const known = journal.chunks.get(key) ?? { ...UNTOUCHED, jobs: [] };
    journal.chunks.set(key, known);
    if (kind === "job") known.jobs.push(rest);
    if (NOTES.has(kind!) && NOTE.test(rest)) (known.notes ??= []).push(name);
    if (kind === "refused") journal.refused = true;
    if (kind === "full") known.full = Math.max(known.full, Number(rest));
    if (kind === "intent") known.turn = Math.max(known.turn, Number(rest));
  }
  return journal;
}

/** What the CLI wrote about a submission, by one listing. */
export function readJournal(state: string): Journal {
  return parseJournal(namesIn(folderOf(state)));
}

/** Markers of the jobs of a submission, by one listing. */
export function readMarkers(state: string): Marker[] {
  const markers: Marker[] = [];
  for (const name of namesIn(join(state, "events"))) {
    const marker = parseMarker(name);
    if (marker) markers.push(marker);
  }
  return markers;
}

/**
 * Announces that this process submits a chunk. Only one process gets a turn. The intent is a link
 * whose target says who: it cannot exist half-written.
 * @returns false when another one has this turn.
 */
export function writeIntent(
  state: string,
  chunk: { stage: string; chunk: number },
  turn: number,
  intent: Intent,
): boolean {
  makeFolder(folderOf(state));
  const path = join(folderOf(state), `${chunkKey(chunk)}.intent.${turn}`);
  return createLink(path, `${intent.pid} ${intent.epoch} ${intent.host}`);
}

/** Who took a turn. */
export function readIntent(
  state: string,
  chunk: { stage: string; chunk: number },
  turn: number,
): Intent | undefined {
  const target = readLinkIfThere(join(folderOf(state), `${chunkKey(chunk)}.intent.${turn}`));
  const match = INTENT.exec(target ?? "");
  return match ? { pid: Number(match[1]), epoch: Number(match[2]), host: match[3]! } : undefined;
}

/** Notes that a turn ended without a job: the scheduler takes no more for now. */
export function writeFull(state: string, chunk: { stage: string; chunk: number }, turn: number) {
  createExclusive(join(folderOf(state), `${chunkKey(chunk)}.full.${turn}`));
}

/** Notes the job that carries a chunk. */
export function writeJob(state: string, chunk: { stage: string; chunk: number }, job: string) {
  createExclusive(join(folderOf(state), `${chunkKey(chunk)}.job.${job}`));
}

/** Notes that the scheduler refused a chunk for good, with its words. */
export function writeRefusal(
  state: string,
  chunk: { stage: string; chunk: number },
  epoch: number,
  words: string,
) {
  createExclusive(join(folderOf(state), `${chunkKey(chunk)}.refused.${epoch}`), `${words}\n`);
}

/** The scheduler's words of the refusal in a submission, this chunk's before another's. */
export function readRefusal(state: string, chunk: { stage: string; chunk: number }): string {
  const names = namesIn(folderOf(state)).filter((name) => ENTRY.exec(name)?.[3] === "refused");
  const own = names.find((name) => name.startsWith(`${chunkKey(chunk)}.`)) ?? names[0];
  return own === undefined ? "" : (readIfThere(join(folderOf(state), own)) ?? "").trim();
}

/** Notes that runs are to be cancelled, before the scheduler is asked. */
export function writeCancellations(state: string, runs: readonly number[], epoch: number) {
  makeFolder(folderOf(state));
  for (const run of runs) createExclusive(join(folderOf(state), `cancel.${run}.${epoch}`));
}
