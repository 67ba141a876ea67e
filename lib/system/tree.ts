import { dirname, join, relative } from "node:path";
import { StorageError } from "../core/errors.ts";
import { exists, namesIn, removeIfThere, storageError } from "./files.ts";

/** One file, folder or symbolic link, as it lies there: no link is followed. */
export interface TreeEntry {
  /** Relative to where the walk began; empty for the beginning itself. */
  path: string;
  kind: "file" | "folder" | "link";
  /** Permission bits. */
  mode: number;
  /** Of a file; 0 for the others. */
  bytes: number;
  /** Milliseconds since 1970 of the last change. */
  changed: number;
  /** Where a link points. */
  target?: string;
}

/** Everything at and below a path, a folder before what is in it, by name; nothing where there is nothing. */
export function* walkTree(root: string, path = ""): Generator<TreeEntry> {
  const at = path === "" ? root : join(root, path);
  const entry = lookAt(at, path);
  if (!entry) return;
  yield entry;
  if (entry.kind !== "folder") return;
  for (const name of namesIn(at).sort()) {
    yield* walkTree(root, path === "" ? name : `${path}/${name}`);
  }
}

/** What is at a path itself; `undefined` when nothing is. */
export function lookAt(at: string, path = ""): TreeEntry | undefined {
  if (!exists(at)) return undefined;
  try {
    const { isFile, isDirectory, isSymlink, size, mode, mtime } = Deno.lstatSync(at);
    if (!isFile && !isDirectory && !isSymlink) {
      throw new StorageError(`Cannot keep ${at}: it is no file, folder or link`, {
        hint: "a socket, pipe or device belongs to a running program: end it and remove that",
      });
    }
    return {
      path,
      kind: isFile ? "file" : isDirectory ? "folder" : "link",
      mode: (mode ?? 0o644) & 0o7777,
      bytes: isFile ? size : 0,
      changed: mtime?.getTime() ?? 0,
      ...isSymlink ? { target: Deno.readLinkSync(at) } : {},
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw storageError(`look at ${at}`, error);
  }
}

/** How much there is: files, folders and links are an inode each. */
export interface Size {
  bytes: number;
  inodes: number;
  /** Whether everything was counted; else there is at least so much. */
  whole: boolean;
}

/** Bytes and inodes at and below some paths, of the first `most` inodes. */
export function measure(paths: readonly string[], most = Infinity): Size {
  const size: Size = { bytes: 0, inodes: 0, whole: true };
  for (const path of paths) {
    for (const { bytes } of quickWalk(path)) {
      if (size.inodes >= most) return { ...size, whole: false };
      size.bytes += bytes;
      size.inodes++;
    }
  }
  return size;
}

function* quickWalk(path: string): Generator<{ bytes: number }> {
  let found: Deno.FileInfo;
  try {
    found = Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return;
    throw storageError(`look at ${path}`, error);
  }
  yield { bytes: found.isFile ? found.size : 0 };
  if (found.isDirectory) { for (const name of namesIn(path)) yield* quickWalk(join(path, name)); }
}

/** Whether no part of the way from `root` down to `path`, itself included, is a symbolic link. */
export function isOwn(root: string, path: string): boolean {
  const inside = relative(root, path);
  if (inside === "" || inside.startsWith("..")) return false;
  for (let at = path; at !== root; at = dirname(at)) {
    if (lookAt(at)?.kind === "link") return false;
  }
  return true;
}

/**
 * Removes a file at once; a folder is first renamed into `trash`, so that nobody ever sees half of
 * it. @returns false when it was gone.
 */
export function discard(path: string, trash: string): boolean {
  try {
    if (Deno.lstatSync(path).isDirectory) {
      Deno.mkdirSync(trash, { recursive: true });
      const aside = join(trash, crypto.randomUUID());
      Deno.renameSync(path, aside);
      removeIfThere(aside);
    } else Deno.removeSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw storageError(`remove ${path}`, error);
  }
}
