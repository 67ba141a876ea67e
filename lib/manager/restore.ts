import { join, relative } from "node:path";
import { ConflictError, NotFoundError, StorageError } from "../core/errors.ts";
import { readArchive } from "../store/archive_file.ts";
import { type ArchiveFacts, readArchiveRecord } from "../store/archive_record.ts";
import { removeOriginals, removeUnpacked } from "../store/originals.ts";
import { unpackArchive } from "../store/unpack.ts";
import { exists, makeFolder, removeIfThere, storageError } from "../system/files.ts";
import type { Project } from "./project.ts";
import { inTurnNow } from "./turns.ts";

/** What was brought back. */
export interface RestoreReport extends ArchiveFacts {
  /** Id of the experiment. */
  id: string;
}

/**
 * Brings an archived experiment back, byte for byte, with modes, times and links. The archive
 * itself stays.
 *
 * @throws {NotFoundError} when it is not archived, or the archive is gone; {StorageError} when the
 * archive is not whole; {ConflictError} when something else is where it was.
 *
 * @example
 * ```ts
 * import { initProject, NotFoundError, openProject, restore } from "@expflow/cli";
 * import { rejects } from "node:assert/strict";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * await rejects(restore(project, "exp001"), NotFoundError); // `archive` has an example of both
 * ```
 */
export async function restore(project: Project, id: string): Promise<RestoreReport> {
  return await inTurnNow(
    project,
    "clean",
    id,
    () => inTurnNow(project, "archive", id, () => restoreNow(project, id)),
  );
}

async function restoreNow({ layout }: Project, id: string): Promise<RestoreReport> {
  const record = readArchiveRecord(layout, id);
  if (!record) {
    removeUnpacked(layout, id);
    throw new NotFoundError(`Cannot restore ${id}: it is not archived`, {
      hint: "`expflow list` shows what is",
    });
  }
  const { file, sha256, packed, bytes, inodes, created } = record;
  const unpacked = layout.unpacked(id);
  if (!exists(unpacked)) await unpack(layout, id, record);
  for (const top of layout.archived(id)) {
    const from = join(unpacked, relative(layout.root, top));
    if (!exists(from)) continue;
    if (exists(top)) throw inTheWay(id, top);
    makeFolder(join(top, ".."));
    move(from, top);
  }
  removeIfThere(layout.archiveRecord(id));
  removeUnpacked(layout, id);
  return { id, file, sha256, packed, bytes, inodes, created };
}

/** Unpacks it beside; the name without `.part` says that all of it is there. */
async function unpack(
  layout: Project["layout"],
  id: string,
  { file, sha256 }: ArchiveFacts,
): Promise<void> {
  if (!exists(file)) {
    throw new NotFoundError(`Cannot restore ${id}: its archive ${file} is not there`, {
      hint: "put it back to that place",
    });
  }
  if (layout.archived(id).some(exists)) {
    removeOriginals(layout, (await readArchive(file)).entries);
    const left = layout.archived(id).find(exists);
    if (left !== undefined) throw inTheWay(id, left);
  }
  const part = `${layout.unpacked(id)}.part`;
  removeIfThere(part);
  try {
    const tops = layout.archived(id).map((top) => relative(layout.root, top));
    const contents = await unpackArchive(file, part, tops);
    if (contents.sha256 !== sha256) {
      throw new StorageError(`Cannot restore ${id}: ${file} is not the archive that was made`, {
        hint: `its SHA-256 was ${sha256}`,
      });
    }
  } catch (error) {
    removeIfThere(part);
    throw error;
  }
  move(part, layout.unpacked(id));
}

function move(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    throw storageError(`move ${from} to ${to}`, error);
  }
}

function inTheWay(id: string, path: string): ConflictError {
  return new ConflictError(`Cannot restore ${id}: ${path} is there, and is not what was archived`, {
    hint: "move it away, and run it again",
  });
}
