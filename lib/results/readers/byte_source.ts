const CHUNK = 1024 * 1024;

/** Reads a file from front to end, in chunks of 1 MiB, with a window of the bytes that are wanted. */
export class ByteSource {
  readonly #file: Deno.FsFile;
  #bytes = new Uint8Array(CHUNK);
  #view = new DataView(this.#bytes.buffer);
  #start = 0;
  #end = 0;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** The bytes in memory; valid until the next call of {@linkcode need}. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }
  /** Over the same bytes. */
  get view(): DataView {
    return this.#view;
  }
  /** Where the next byte is in {@linkcode bytes}. */
  get at(): number {
    return this.#start;
  }
  /** How many are in memory from there on. */
  get held(): number {
    return this.#end - this.#start;
  }

  /** Makes `count` bytes available. @returns false when the file has no more so many. */
  need(count: number): boolean {
    if (this.held >= count) return true;
    this.#makeRoom(count);
    while (this.held < count) {
      const read = this.#file.readSync(this.#bytes.subarray(this.#end));
      if (read === null) return false;
      this.#end += read;
    }
    return true;
  }

  /** Goes on by bytes that are available. */
  skip(count: number): void {
    this.#start += count;
  }

  /** Goes on by any number of bytes, without reading them. @returns false when the file ends before. */
  pass(count: number): boolean {
    const ahead = count - this.held;
    if (ahead <= 0) {
      this.#start += count;
      return true;
    }
    this.#start = this.#end;
    const position = this.#file.seekSync(ahead, Deno.SeekMode.Current);
    return position <= this.#file.statSync().size;
  }

  #makeRoom(count: number): void {
    const held = this.#bytes.subarray(this.#start, this.#end);
    if (count > this.#bytes.length) {
      const larger = new Uint8Array(count + CHUNK);
      larger.set(held);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    } else this.#bytes.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }
}
