const CHUNK = 64 * 1024;

/** Reads a growing file from where it stopped, without ever holding the whole of it. */
export class LogReader {
  #offset: number | undefined;
  readonly #decoder = new TextDecoder();

  constructor(readonly path: string) {}

  /** Hands on what is new; the first time only the last `lines` lines, when given. */
  read(write: (text: string) => void, lines?: number): void {
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(this.path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      throw error;
    }
    try {
      const size = file.statSync().size;
      this.#offset ??= lines === undefined ? 0 : startOfLastLines(file, size, lines);
      if (size < this.#offset) this.#offset = 0;
      file.seekSync(this.#offset, Deno.SeekMode.Start);
      const buffer = new Uint8Array(CHUNK);
      for (let count = file.readSync(buffer); count; count = file.readSync(buffer)) {
        this.#offset += count;
        write(this.#decoder.decode(buffer.subarray(0, count), { stream: true }));
      }
    } finally {
      file.close();
    }
  }
}

/** Offset at which the last `lines` lines begin, looked for from the end. */
function startOfLastLines(file: Deno.FsFile, size: number, lines: number): number {
  if (lines === 0) return size;
  let wanted = lines + 1;
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - CHUNK);
    const buffer = new Uint8Array(end - start);
    file.seekSync(start, Deno.SeekMode.Start);
    let filled = 0;
    for (let count: number | null = 0; filled < buffer.length; filled += count) {
      count = file.readSync(buffer.subarray(filled));
      if (count === null) break;
    }
    for (let i = filled - 1; i >= 0; i--) {
      const atEnd = start + i === size - 1;
      if (buffer[i] === 10 && !atEnd && --wanted === 1) return start + i + 1;
    }
    end = start;
  }
  return 0;
}
