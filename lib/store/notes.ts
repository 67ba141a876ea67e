import { join } from "node:path";
import type { Denial } from "../core/denials.ts";
import { readIfThere, writeWhole } from "../system/files.ts";
import { chunkKey } from "./journal.ts";

/**
 * What a note on a chunk is about: nobody had some of its runs (`denied`), somebody had them again
 * (`seen`), or how they ended, in the words of a scheduler that forgets (`ended`).
 */
export type NoteKind = "denied" | "seen" | "ended";

/** Something that was seen of a chunk once, and cannot be asked for again. */
export interface Note {
  kind: NoteKind;
  /** Seconds since 1970. */
  epoch: number;
  content: unknown;
  /** Where it is, below the state folder of the submission. */
  record: string;
}

/** Writes a note under a name nobody else uses. It appears whole and is never changed. */
export function writeNote(
  state: string,
  chunk: { stage: string; chunk: number },
  note: Omit<Note, "record">,
): Note {
  const unique = crypto.randomUUID().slice(0, 8);
  const record = join("submit", `${chunkKey(chunk)}.${note.kind}.${note.epoch}.${unique}`);
  writeWhole(join(state, record), `${JSON.stringify(note.content)}\n`);
  return { ...note, record };
}

/** Reads notes by the names in the journal, oldest first; a broken one is left aside. */
export function readNotes(
  state: string,
  names: readonly string[],
  kinds: readonly NoteKind[],
): Note[] {
  return names.flatMap((name): Note[] => {
    const [, kind, epoch] = /\.(denied|seen|ended)\.(\d+)\.[0-9a-f]{8}$/.exec(name) ?? [];
    if (!kinds.includes(kind as NoteKind)) return [];
    const record = join("submit", name);
    try {
      const content = JSON.parse(readIfThere(join(state, record)) ?? "");
      return [{ kind: kind as NoteKind, epoch: Number(epoch), content, record }];
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  }).sort((a, b) => a.epoch - b.epoch);
}

/** The words in the note of a denial; none when it cannot be read. */
export function readDenials(path: string): Denial[] {
  try {
    return JSON.parse(readIfThere(path) ?? "").denials ?? [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
