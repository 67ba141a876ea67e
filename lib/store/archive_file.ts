import { createHash } from "node:crypto";
import { Decompress } from "fzstd";
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import { StorageError } from "../core/errors.ts";
import { storageError } from "../system/files.ts";
import type { TreeEntry } from "../system/tree.ts";

/** Bytes that are read at once. */
export const BLOCK = 2 ** 20;
/** The last entry: one line of JSON for each of the others. */
export const MANIFEST = "MANIFEST.jsonl";

/** An entry with what is in it. */
export interface PackedEntry extends TreeEntry {
  /** Of a file. */
  sha256?: string;
}

/** What an archive was found to hold. */
export interface Contents {
  entries: PackedEntry[];
  /** Of the archive. */
  sha256: string;
  /** Size of the archive. */
  packed: number;
}

/** Whether what lies there is what was seen before; of a folder only that it is one. */
export function isSame(seen: TreeEntry, now: TreeEntry | undefined): boolean {
  if (now?.kind !== seen.kind) return false;
  if (seen.kind === "folder") return true;
  return now.bytes === seen.bytes && now.changed === seen.changed && now.target === seen.target;
}

/** What is done with the content of a file in an archive; its blocks must all be taken. */
export type TakeFile = (entry: TreeEntry, blocks: AsyncIterable<Uint8Array>) => Promise<void>;

/**
 * Reads an archive to its end, and compares everything in it with its manifest.
 *
 * @throws {StorageError} when it is not whole.
 */
export async function readArchive(path: string, take: TakeFile = drain): Promise<Contents> {
  const hash = createHash("sha256");
  let packed = 0;
  const decoder = createTarDecoder({ strict: true });
  const blocks = blocksOf(path, (block) => {
    hash.update(block);
    packed += block.length;
  });
  const read = into(decoder.writable, decompressed(blocks));
  const taken = takeAll(decoder.readable, take);
  const [done, found] = await Promise.allSettled([read, taken]);
  if (found.status === "rejected") throw broken(path, found.reason);
  if (done.status === "rejected") throw broken(path, done.reason);
  const { entries, manifest } = found.value;
  if (!agree(entries, manifest)) {
    throw broken(path, new Error("it does not hold what its manifest says"));
  }
  return { entries: manifest, sha256: hash.digest("hex"), packed };
}

/** node:zlib would do, but on broken input its zstd throws where nobody can catch it (Deno 2.9.6). */
function* decompressed(blocks: Iterable<Uint8Array>): Generator<Uint8Array> {
  const found: Uint8Array[] = [];
  const zstd = new Decompress((chunk) => found.push(chunk.slice()));
  for (const block of blocks) {
    zstd.push(block);
    yield* found.splice(0);
  }
  zstd.push(new Uint8Array(), true);
  yield* found.splice(0);
}

async function into(
  writable: WritableStream<Uint8Array>,
  chunks: Iterable<Uint8Array>,
): Promise<void> {
  const writer = writable.getWriter();
  try {
    for (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw error;
  }
}

function broken(path: string, error: unknown): unknown {
  const named = storageError(`read ${path}`, error);
  if (named instanceof StorageError) return named;
  const why = error instanceof Error ? error.message : String(error);
  return new StorageError(`Cannot trust the archive ${path}: ${why}`, {
    hint: "it is not whole: find another copy of it",
    cause: error,
  });
}

function* blocksOf(path: string, seen: (block: Uint8Array) => void): Generator<Uint8Array> {
  using file = Deno.openSync(path);
  for (;;) {
    const block = new Uint8Array(BLOCK);
    const read = file.readSync(block);
    if (read === null) return;
    seen(block.subarray(0, read));
    yield block.subarray(0, read);
  }
}

async function takeAll(
  entries: ReadableStream<ParsedTarEntry>,
  take: TakeFile,
): Promise<{ entries: PackedEntry[]; manifest: PackedEntry[] }> {
  const found: PackedEntry[] = [];
  let manifest: PackedEntry[] = [];
  for await (const { header, body } of entries) {
    if (header.name === MANIFEST) {
      const lines = (await new Response(body).text()).split("\n").filter(Boolean);
      manifest = lines.map((line) => JSON.parse(line));
      continue;
    }
    const kind = header.type === "directory"
      ? "folder"
      : header.type === "symlink"
      ? "link"
      : "file";
    const entry: PackedEntry = {
      path: header.name.replace(/\/$/, ""),
      kind,
      mode: (header.mode ?? 0) & 0o7777,
      bytes: kind === "file" ? header.size : 0,
      changed: header.mtime?.getTime() ?? 0,
      ...kind === "link" ? { target: header.linkname } : {},
    };
    const hash = createHash("sha256");
    await take(entry, hashed(body, (block) => hash.update(block)));
    found.push(kind === "file" ? { ...entry, sha256: hash.digest("hex") } : entry);
  }
  return { entries: found, manifest };
}

async function* hashed(
  body: ReadableStream<Uint8Array>,
  seen: (block: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const block of body) {
    seen(block);
    yield block;
  }
}

async function drain(_: TreeEntry, blocks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of blocks);
}

/** Tar keeps whole seconds; the manifest knows better. */
function agree(found: readonly PackedEntry[], expected: readonly PackedEntry[]): boolean {
  const plain = (entry: PackedEntry) =>
    JSON.stringify([
      entry.path,
      entry.kind,
      entry.mode,
      entry.bytes,
      Math.floor(entry.changed / 1000),
      entry.target ?? null,
      entry.sha256 ?? null,
    ]);
  return found.length > 0 && found.length === expected.length &&
    found.every((entry, at) => plain(entry) === plain(expected[at]!));
}
