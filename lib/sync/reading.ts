import { createHash } from "node:crypto";
import type { Problem, Source } from "./transport.ts";

const BLOCK = 1024 * 1024;

/** A file changed, went or could not be read while it was being sent. */
export class NotSent extends Error {
  constructor(readonly problem: Problem) {
    super(problem.reason);
  }
}

/** What an error means for one file. */
export function problemOf(error: unknown, doing: string): Problem {
  if (error instanceof NotSent) return error.problem;
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.PermissionDenied) {
    return {
      reason: `${doing}: permission denied`,
      hint: "check who owns it, and its permissions",
    };
  }
  if (FULL.test(text)) return { reason: `${doing}: no space is left`, hint: "free space there" };
  return { reason: `${doing}: ${text}` };
}

/** How systems say that a disk is full, or a quota used up. */
export const FULL = /ENOSPC|no space left|os error 28\b|EDQUOT|quota exceeded|os error 122\b/i;

const changed = (reason: string) => new NotSent({ reason, changing: true });

/**
 * Reads a file in blocks, up to the byte that is sent of it, and its SHA-256 at the end. What is
 * passed on is one state of the file: else it throws.
 *
 * @throws {NotSent} when the file is not as it was when it was looked at.
 */
export async function readBlocks(
  file: Source,
  take: (block: Uint8Array, offset: number) => Promise<void> | void,
): Promise<string> {
  const hash = createHash("sha256");
  using source = await opened(file);
  const before = source.statSync();
  if (before.ino !== file.inode || (file.grows ? before.size < file.upTo : !isAs(before, file))) {
    throw changed("changed before it was sent");
  }
  const block = new Uint8Array(Math.min(BLOCK, Math.max(file.upTo, 1)));
  for (let offset = 0; offset < file.upTo;) {
    const count = await source.read(block.subarray(0, Math.min(BLOCK, file.upTo - offset)));
    if (count === null) throw changed("became shorter while it was sent");
    const part = block.subarray(0, count);
    hash.update(part);
    await take(part, offset);
    offset += count;
  }
  if (!file.grows && !isAs(source.statSync(), file)) throw changed("changed while it was sent");
  return hash.digest("hex");
}

async function opened({ at }: Source): Promise<Deno.FsFile> {
  try {
    return await Deno.open(at);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw changed("is gone");
    throw new NotSent(problemOf(error, "cannot be read"));
  }
}

function isAs({ size, mtime }: Deno.FileInfo, { bytes, changed }: Source): boolean {
  return size === bytes && (mtime?.getTime() ?? 0) === changed;
}

/** SHA-256 of what would be sent of a file. */
export async function hashSource(file: Source): Promise<string> {
  return await readBlocks(file, () => {});
}

/** SHA-256 of all of a file; `undefined` where it is not there. */
export async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    using file = await Deno.open(path);
    const { size } = file.statSync();
    const block = new Uint8Array(Math.min(BLOCK, size + 1));
    for (let count = await file.read(block); count !== null; count = await file.read(block)) {
      hash.update(block.subarray(0, count));
    }
    return hash.digest("hex");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
