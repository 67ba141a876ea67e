import { join } from "node:path";
import { appendLine, readIfThere, writeWhole } from "../system/files.ts";
import type { Source } from "./transport.ts";

/** What the destination was seen to hold under one path. */
export interface Sent {
  sha256: string;
  /** How the file was here then; absent for what only the destination's manifest tells. */
  as?: Pick<Source, "bytes" | "changed" | "inode" | "upTo">;
}

type Row = [path: string, sha256: string, ...as: number[]];

/** So many lines are written at once; what a kill loses is compared with the destination again. */
const TOGETHER = 200;

/**
 * What a destination was seen to hold, in a file under `.expflow` that grows while files are sent.
 * Without it the destination is asked.
 */
export class SentFiles {
  readonly #files = new Map<string, Sent>();
  readonly #path: string;
  readonly #head: string;
  /** Lines of the file; none where it is to be written anew. */
  #lines = 0;
  #pending: string[] = [];

  /** Reads what there is; what was sent to another destination does not count. */
  constructor(folder: string, destination: string) {
    this.#path = join(folder, "sent.jsonl");
    this.#head = JSON.stringify({ version: 1, destination });
    const [head, ...lines] = (readIfThere(this.#path) ?? "").split("\n");
    if (head !== this.#head) return;
    const torn = lines.pop() !== "";
    const taken = lines.filter((line) => this.#take(line)).length;
    this.#lines = torn || taken < lines.length ? 0 : taken + 1;
  }

  #take(line: string): boolean {
    try {
      const [path, sha256, bytes, changed, inode, upTo] = JSON.parse(line) as Row;
      const as = bytes === undefined
        ? undefined
        : { bytes, changed: changed!, inode: inode!, upTo: upTo! };
      this.#files.set(path, { sha256, as });
      return true;
    } catch {
      return false; // torn by a kill: the file is compared with the destination again
    }
  }

  /** Everything the destination was seen to hold, by path. */
  get all(): ReadonlyMap<string, Sent> {
    return this.#files;
  }

  /** Whether this very file, to the same line, was seen there. */
  holds({ path, bytes, changed, inode, upTo }: Source): boolean {
    const as = this.#files.get(path)?.as;
    return as?.bytes === bytes && as.changed === changed && as.inode === inode && as.upTo === upTo;
  }

  /** Notes what was seen there. */
  add({ path, bytes, changed, inode, upTo }: Source, sha256: string): void {
    const sent = { sha256, as: { bytes, changed, inode, upTo } };
    this.#files.set(path, sent);
    this.#pending.push(rowOf(path, sent));
    if (this.#pending.length >= TOGETHER) this.flush();
  }

  /** Writes what was noted. */
  flush(): void {
    if (this.#lines === 0) this.#rewrite();
    else if (this.#pending.length > 0) {
      appendLine(this.#path, this.#pending.join("\n"));
      this.#lines += this.#pending.length;
    }
    this.#pending = [];
  }

  /** From now on only that is known which the destination says of itself. */
  learn(manifest: ReadonlyMap<string, string>): void {
    this.#files.clear();
    for (const [path, sha256] of manifest) this.#files.set(path, { sha256 });
    this.#rewrite();
  }

  /** Some of it is not there any more as it was: it is sent again. */
  doubt(paths: readonly string[]): void {
    for (const path of paths) {
      const sent = this.#files.get(path);
      if (sent) this.#files.set(path, { sha256: sent.sha256 });
    }
    this.#rewrite();
  }

  /** Writes the file without the lines that hold no more, when most do not. */
  close(): void {
    this.flush();
    if (this.#lines > 2 * this.#files.size + TOGETHER) this.#rewrite();
  }

  #rewrite(): void {
    const rows = Array.from(this.#files, ([path, sent]) => rowOf(path, sent));
    writeWhole(this.#path, [this.#head, ...rows, ""].join("\n"));
    this.#lines = rows.length + 1;
  }
}

function rowOf(path: string, { sha256, as }: Sent): string {
  const row: Row = as ? [path, sha256, as.bytes, as.changed, as.inode, as.upTo] : [path, sha256];
  return JSON.stringify(row);
}
