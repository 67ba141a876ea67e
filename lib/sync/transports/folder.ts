import { dirname, join } from "node:path";
import { entryAt, makeFolder, readIfThere, removeIfThere, writeWhole } from "../../system/files.ts";
import { StorageError } from "../../core/errors.ts";
import { sha256 } from "../../core/fingerprint.ts";
import { eachOf } from "../each.ts";
import { FULL, hashOf, NotSent, problemOf, readBlocks } from "../reading.ts";
import {
  DestinationError,
  type Listed,
  type Outcome,
  OWN_FOLDER,
  type Source,
  type Transport,
} from "../transport.ts";

const AT_ONCE = 8;
/** So many files in a row for which there is no space, and the others are not tried. */
const FULL_FILES = 3;

/** Another folder: files are copied beside it, read back, and renamed to their place. */
export class FolderTransport implements Transport {
  readonly #incoming: string;
  readonly #made = new Set<string>();
  readonly #options: { atOnce: number; signal?: AbortSignal };
  #fullInRow = 0;

  /** @param name keeps what is on its way apart from that of other syncs. */
  constructor(readonly root: string, name: string, readonly signal?: AbortSignal) {
    this.#incoming = join(root, OWN_FOLDER, `${name}.incoming`);
    this.#options = { atOnce: AT_ONCE, signal };
  }

  prepare(): Promise<void> {
    const parent = dirname(this.root);
    if (!entryAt(parent)?.folder) {
      throw new DestinationError(`Cannot send to ${this.root}: there is no folder ${parent}`, {
        hint: "is its disk mounted? Else make the folder",
      });
    }
    return there(() => makeFolder(this.#incoming));
  }

  async hashes(files: readonly Listed[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    await eachOf(files, this.#options, async ({ path, bytes }) => {
      const entry = entryAt(join(this.root, path));
      if (!entry || entry.folder || (bytes ?? entry.bytes) !== entry.bytes) return;
      const hash = await hashOf(join(this.root, path));
      if (hash !== undefined) found.set(path, hash);
    });
    return found;
  }

  async send(files: readonly Source[], tell: (outcome: Outcome) => void): Promise<void> {
    await eachOf(files, this.#options, async (file) => {
      try {
        tell({ file, sha256: await this.#copy(file) });
        this.#fullInRow = 0;
      } catch (error) {
        this.signal?.throwIfAborted();
        const problem = problemOf(error, "cannot be written");
        tell({ file, problem });
        if (FULL.test(String(error)) && ++this.#fullInRow >= FULL_FILES) {
          throw new DestinationError(`Cannot send to ${this.root}: no space is left`, {
            hint: "free space there; what was sent stays, the rest follows",
            cause: error,
          });
        }
      }
    });
  }

  /** A part that a killed process left is taken up where it is the same. */
  async #copy(file: Source): Promise<string> {
    const { path, bytes, changed, inode, upTo, mode } = file;
    const part = join(this.#incoming, sha256(JSON.stringify([path, bytes, changed, inode, upTo])));
    try {
      const sent = await this.#fill(part, file);
      if (await hashOf(part) !== sent) {
        throw new NotSent({ reason: "is read back differently", hint: "check the disk there" });
      }
      await whereItCan(Deno.chmod(part, mode));
      await whereItCan(Deno.utime(part, changed / 1000, changed / 1000));
      const place = join(this.root, path);
      this.#makeFolder(dirname(place));
      await Deno.rename(part, place);
      return sent;
    } catch (error) {
      if (!this.signal?.aborted) removeIfThere(part);
      throw error;
    }
  }

  async #fill(part: string, file: Source): Promise<string> {
    using copy = await Deno.open(part, { read: true, write: true, create: true });
    let left = copy.statSync().size;
    const sent = await readBlocks(file, async (block, offset) => {
      this.signal?.throwIfAborted();
      if (left > 0 && offset + block.length <= left && await same(copy, block)) return;
      if (left > 0) {
        await copy.truncate(offset);
        await copy.seek(offset, Deno.SeekMode.Start);
        left = 0;
      }
      for (let done = 0; done < block.length;) done += await copy.write(block.subarray(done));
    });
    if (left > file.upTo) await copy.truncate(file.upTo);
    await copy.sync();
    return sent;
  }

  #makeFolder(folder: string): void {
    if (this.#made.has(folder)) return;
    makeFolder(folder);
    this.#made.add(folder);
  }

  read(path: string): Promise<string | undefined> {
    return there(() => readIfThere(join(this.root, path)));
  }

  write(path: string, text: string): Promise<void> {
    return there(() => writeWhole(join(this.root, path), text));
  }

  finish(): Promise<void> {
    return there(() => removeIfThere(this.#incoming));
  }
}

/** Some file systems keep no permissions, or no times. */
async function whereItCan(doing: Promise<void>): Promise<void> {
  try {
    await doing;
  } catch (error) {
    const { NotSupported, PermissionDenied } = Deno.errors;
    if (!(error instanceof PermissionDenied || error instanceof NotSupported)) throw error;
  }
}

/** What fails at the destination itself stops the pass. */
// deno-lint-ignore require-await
async function there<T>(act: () => T): Promise<T> {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new DestinationError(error.message, { hint: error.hint, cause: error });
  }
}

/** Whether the next bytes of a file are these. */
async function same(file: Deno.FsFile, block: Uint8Array): Promise<boolean> {
  const there = new Uint8Array(block.length);
  for (let done = 0; done < there.length;) {
    const count = await file.read(there.subarray(done));
    if (count === null) return false;
    done += count;
  }
  return there.every((byte, at) => byte === block[at]);
}
