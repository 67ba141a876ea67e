import { lutimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { StorageError } from "../core/errors.ts";
import { makeFolder, storageError } from "../system/files.ts";
import type { TreeEntry } from "../system/tree.ts";
import { type Contents, type PackedEntry, readArchive } from "./archive_file.ts";

/**
 * Unpacks an archive into a new folder, with modes, times and links. Everything is compared with the
 * manifest before the first file is written, and once more while it is.
 *
 * @param tops the only folders that it may hold, as paths in it.
 * @throws {StorageError} when it is not whole, or holds anything else.
 */
export async function unpackArchive(
  archive: string,
  target: string,
  tops: readonly string[],
): Promise<Contents> {
  const contents = await readArchive(archive);
  checkPaths(archive, contents.entries, tops);
  makeFolder(target);
  try {
    for (const { path, kind, target: to } of contents.entries) {
      if (kind === "folder") makeFolder(join(target, path));
      if (kind !== "link") continue;
      makeFolder(dirname(join(target, path)));
      Deno.symlinkSync(to!, join(target, path));
    }
    await readArchive(archive, async (entry, blocks) => {
      if (entry.kind === "file") await writeFile(join(target, entry.path), entry, blocks);
      else for await (const _ of blocks);
    });
    for (const entry of contents.entries.toReversed()) dress(join(target, entry.path), entry);
  } catch (error) {
    throw storageError(`unpack ${archive}`, error);
  }
  return contents;
}

function checkPaths(archive: string, entries: readonly PackedEntry[], tops: readonly string[]) {
  const folders = new Set<string>();
  for (const { path, kind } of entries) {
    const expected = tops.includes(path) || folders.has(dirname(path));
    if (!expected || path.split("/").includes("..")) {
      throw new StorageError(`Cannot unpack ${archive}: it holds ${path}, which is not expected`, {
        hint: "it is not the archive of this experiment",
      });
    }
    if (kind === "folder") folders.add(path);
  }
}

async function writeFile(
  path: string,
  { mode }: TreeEntry,
  blocks: AsyncIterable<Uint8Array>,
): Promise<void> {
  using file = Deno.openSync(path, { createNew: true, write: true, mode: mode | 0o200 });
  for await (const block of blocks) {
    for (let at = 0; at < block.length;) at += file.writeSync(block.subarray(at));
  }
}

/** Gives a file, folder or link the mode and time that it had. */
function dress(path: string, { kind, mode, changed }: PackedEntry): void {
  if (kind !== "link") Deno.chmodSync(path, mode);
  lutimesSync(path, changed / 1000, changed / 1000);
}
