import { join, relative } from "node:path";
import { ConflictError } from "../core/errors.ts";
import { exists, removeIfThere, storageError } from "../system/files.ts";
import { isOwn, lookAt, type TreeEntry, walkTree } from "../system/tree.ts";
import { isSame, type PackedEntry } from "./archive_file.ts";
import type { Layout } from "./layout.ts";

/**
 * Everything that an archive of an experiment takes, with paths from the project's folder.
 *
 * @throws {ConflictError} when one of its folders is a link, and so not the project's own.
 */
export function originalsOf(layout: Layout, id: string): TreeEntry[] {
  return layout.archived(id).flatMap((top) => {
    if (!lookAt(top)) return [];
    if (!isOwn(layout.root, top)) {
      throw new ConflictError(`Cannot archive ${id}: ${top} is behind a symbolic link`, {
        hint: "only what is in the project's own folder is archived: move it there",
      });
    }
    const inside = relative(layout.root, top);
    return Array.from(
      walkTree(top),
      (entry) => ({ ...entry, path: entry.path === "" ? inside : `${inside}/${entry.path}` }),
    );
  });
}

/**
 * Removes what is packed, where it is still as it was. @returns paths that are not, and stay.
 */
export function removeOriginals(layout: Layout, packed: readonly PackedEntry[]): string[] {
  const left: string[] = [];
  for (const entry of packed.toReversed()) {
    const at = join(layout.root, entry.path);
    const now = lookAt(at);
    if (!now) continue;
    if (!isSame(entry, now)) left.push(at);
    else if (!removed(at)) left.push(at);
  }
  return left;
}

/** Removes a file, link or empty folder. @returns false for a folder that is not empty. */
function removed(path: string): boolean {
  try {
    Deno.removeSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    if (/ENOTEMPTY|not empty|os error (39|66)\b/i.test(String(error))) return false;
    throw storageError(`remove ${path}`, error);
  }
}

/** Removes what a restore has unpacked; never so that half of it could pass for the whole. */
export function removeUnpacked(layout: Layout, id: string): void {
  const whole = layout.unpacked(id);
  removeIfThere(`${whole}.part`);
  if (exists(whole)) Deno.renameSync(whole, `${whole}.part`);
  removeIfThere(`${whole}.part`);
}
