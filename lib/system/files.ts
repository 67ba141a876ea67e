import { basename, dirname, join } from "node:path";
import { StorageError } from "../core/errors.ts";

const HINTS: [RegExp, string][] = [
  [/ENOSPC|No space left|os error 28\b/i, "the disk is full: free space there and run it again"],
  [/EDQUOT|quota exceeded|os error 122\b/i, "your quota is used up: free space or files there"],
  [/Is a directory|os error 21\b/i, "it is a folder: name a file"],
  [/Not a directory|os error (20|17)\b/i, "a part of this path is a file, not a folder"],
  [/EROFS|Read-only file system|os error 30\b/i, "the file system is mounted read-only"],
  [/EACCES|EPERM|permission|os error (1|13)\b/i, "check who owns it, and its permissions"],
];

/** An error of the file system, made readable; anything else comes back as it is. */
export function storageError(doing: string, error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error);
  const found = HINTS.find(([pattern]) => pattern.test(text));
  const named = error instanceof Deno.errors.PermissionDenied ? HINTS.at(-1) : found;
  if (!named) return error;
  return new StorageError(`Cannot ${doing}: ${text}`, { hint: named[1], cause: error });
}

function guarded<T>(doing: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw storageError(doing, error);
  }
}

/** Writes a file so that it appears whole: beside it first, then renamed. Folders are made. */
export function writeWhole(path: string, content: string | Uint8Array, mode?: number): void {
  guarded(`write ${path}`, () => {
    Deno.mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
    try {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      Deno.writeFileSync(temporary, bytes, { createNew: true, mode });
      Deno.renameSync(temporary, path);
    } catch (error) {
      removeIfThere(temporary);
      throw error;
    }
  });
}

/** Writes one line behind those of a file, through to the disk. Folders are made. */
export function appendLine(path: string, line: string): void {
  guarded(`write ${path}`, () => {
    Deno.mkdirSync(dirname(path), { recursive: true });
    using file = Deno.openSync(path, { append: true, create: true });
    const bytes = new TextEncoder().encode(`${line}\n`);
    for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
    file.syncDataSync();
  });
}

/** Writes behind what a file holds, with no care for its reaching the disk. */
export function appendText(path: string, text: string): void {
  guarded(`write ${path}`, () => Deno.writeTextFileSync(path, text, { append: true }));
}

/** Cuts off what is behind the last line of a file: a writer was killed in the middle of it. */
export function dropTornLine(path: string): void {
  const text = readIfThere(path);
  if (text === undefined || text.endsWith("\n") || text === "") return;
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  guarded(`write ${path}`, () => Deno.truncateSync(path, new TextEncoder().encode(whole).length));
}

/** Removes what a killed {@linkcode writeWhole} of this path left; nobody else may write it now. */
export function removeHalfWritten(path: string): void {
  const prefix = `${basename(path)}.`;
  for (const name of namesIn(dirname(path))) {
    if (name.startsWith(prefix) && /^[0-9a-f]{8}\.tmp$/.test(name.slice(prefix.length))) {
      removeIfThere(join(dirname(path), name));
    }
  }
}

/** Creates a file that must not exist. @returns false when it did. */
export function createExclusive(path: string, content = ""): boolean {
  return guarded(`create ${path}`, () => {
    try {
      Deno.writeTextFileSync(path, content, { createNew: true });
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return false;
      throw error;
    }
  });
}

/**
 * Creates a symbolic link that must not exist: atomic on every file system, with a content (its
 * target) that cannot be half-written. @returns false when the name was taken.
 */
export function createLink(path: string, target: string): boolean {
  return guarded(`create ${path}`, () => {
    try {
      Deno.symlinkSync(target, path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return false;
      throw error;
    }
  });
}

/** Target of a link, or `undefined` when there is none. */
export function readLinkIfThere(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw storageError(`read ${path}`, error);
  }
}

/** Makes a folder and its parents. */
export function makeFolder(path: string): void {
  guarded(`create ${path}`, () => Deno.mkdirSync(path, { recursive: true }));
}

/** The text of a file, or `undefined` when there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw storageError(`read ${path}`, error);
  }
}

/** The names in a folder; none when it does not exist. Entries of one listing, never re-read. */
export function namesIn(path: string): string[] {
  try {
    return Array.from(Deno.readDirSync(path), (entry) => entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw storageError(`list ${path}`, error);
  }
}

/** Whether something is at this path; a dangling link counts. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw storageError(`look at ${path}`, error);
  }
}

/** What is at a path, links followed. */
export interface Entry {
  folder: boolean;
  /** A file of no bytes. */
  empty: boolean;
  bytes: number;
  /** Milliseconds since 1970 of the last change. */
  changed: number;
}

/** Looks at a path; `undefined` when nothing is there. */
export function entryAt(path: string): Entry | undefined {
  try {
    const { isDirectory, size, mtime } = Deno.statSync(path);
    return { folder: isDirectory, empty: size === 0, bytes: size, changed: mtime?.getTime() ?? 0 };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw storageError(`look at ${path}`, error);
  }
}

/** The beginning of a file, which may be shorter. */
export function firstBytes(path: string, most: number): Uint8Array {
  return guarded(`read ${path}`, () => {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(most);
    let length = 0;
    for (let read: number | null = 1; read && length < most; length += read ?? 0) {
      read = file.readSync(bytes.subarray(length));
    }
    return bytes.subarray(0, length);
  });
}

/** Removes a file or folder if it is there. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw storageError(`remove ${path}`, error);
  }
}

/**
 * The last bytes of a plain file, `most` at most, and whether these are all; `undefined` where there
 * is no plain file that may be read.
 */
export function readEnd(
  path: string,
  most: number,
): { bytes: Uint8Array; whole: boolean } | undefined {
  try {
    if (!Deno.statSync(path).isFile) return undefined;
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    const start = Math.max(0, size - most);
    file.seekSync(start, Deno.SeekMode.Start);
    const bytes = new Uint8Array(size - start);
    let filled = 0;
    for (let count: number | null = 0; filled < bytes.length; filled += count) {
      count = file.readSync(bytes.subarray(filled));
      if (count === null) break;
    }
    return { bytes: bytes.subarray(0, filled), whole: start === 0 };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw storageError(`read ${path}`, error);
  }
}
