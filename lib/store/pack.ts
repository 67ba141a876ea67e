import { createHash } from "node:crypto";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdCompress } from "node:zlib";
import { createTarPacker, type TarPackController } from "modern-tar";
import { ConflictError } from "../core/errors.ts";
import { removeIfThere, storageError } from "../system/files.ts";
import { lookAt, type TreeEntry } from "../system/tree.ts";
import { BLOCK, isSame, MANIFEST, type PackedEntry } from "./archive_file.ts";

/**
 * Packs entries below `root` into a new file: tar, compressed with zstd, with a manifest at its end.
 *
 * @throws {ConflictError} when one of them changed meanwhile, {StorageError} when the disk is full;
 * nothing is left of the file then.
 */
export async function packArchive(
  root: string,
  entries: Iterable<TreeEntry>,
  target: string,
): Promise<PackedEntry[]> {
  try {
    using file = Deno.openSync(target, { createNew: true, write: true });
    const { readable, controller } = createTarPacker();
    const fed = feed(root, entries, controller).catch((error) => {
      controller.error(error);
      throw error;
    });
    const written = pipeline(
      // deno-lint-ignore no-explicit-any -- node's type of a web stream is another one
      Readable.fromWeb(readable as any),
      createZstdCompress(),
      sinkOf(file),
    );
    const [packed, done] = await Promise.allSettled([fed, written]);
    if (done.status === "rejected") throw done.reason;
    if (packed.status === "rejected") throw packed.reason;
    file.syncDataSync();
    return packed.value;
  } catch (error) {
    removeIfThere(target);
    throw storageError(`write ${target}`, error);
  }
}

async function feed(
  root: string,
  entries: Iterable<TreeEntry>,
  controller: TarPackController,
): Promise<PackedEntry[]> {
  const packed: PackedEntry[] = [];
  for (const entry of entries) {
    const { path, kind, mode, bytes, changed, target } = entry;
    const body = controller.add({
      name: kind === "folder" ? `${path}/` : path,
      type: ({ file: "file", folder: "directory", link: "symlink" } as const)[kind],
      size: bytes,
      mode,
      mtime: new Date(changed),
      linkname: target,
    }).getWriter();
    const sha256 = kind === "file" ? await pour(join(root, path), bytes, body) : undefined;
    await body.close();
    checkUnchanged(root, entry);
    packed.push(sha256 === undefined ? entry : { ...entry, sha256 });
  }
  const lines = packed.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  const manifest = new TextEncoder().encode(lines);
  const body = controller.add({ name: MANIFEST, size: manifest.length }).getWriter();
  await body.write(manifest);
  await body.close();
  controller.finalize();
  return packed;
}

/** Copies so many bytes of a file. @returns their SHA-256. */
async function pour(
  path: string,
  bytes: number,
  body: WritableStreamDefaultWriter<Uint8Array>,
): Promise<string> {
  using file = Deno.openSync(path);
  const hash = createHash("sha256");
  for (let left = bytes; left > 0;) {
    const block = new Uint8Array(Math.min(left, BLOCK));
    const read = file.readSync(block);
    if (read === null) throw changed(path);
    const part = block.subarray(0, read);
    hash.update(part);
    await body.write(part);
    left -= read;
  }
  return hash.digest("hex");
}

function checkUnchanged(root: string, entry: TreeEntry): void {
  if (isSame(entry, lookAt(join(root, entry.path), entry.path))) return;
  throw changed(join(root, entry.path));
}

function changed(path: string): ConflictError {
  return new ConflictError(`Cannot archive ${path}: it changed meanwhile`, {
    hint: "something still writes there: end it, and run it again",
  });
}

function sinkOf(file: Deno.FsFile): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      try {
        for (let at = 0; at < chunk.length;) at += file.writeSync(chunk.subarray(at));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
