const CHUNK = 256 * 1024;
const LONGEST = 16 * 1024 * 1024;

/** The buffer of the last file, for the next one: thousands are read one after the other. */
let spare: Uint8Array<ArrayBuffer> | undefined;

/** One line of a file. */
export interface Line {
  /** From 1. */
  number: number;
  /** Without its line end; empty when `tooLong`. */
  text: string;
  /** False for the last line of a file that does not end in a line end. */
  ended: boolean;
  /** Over 16 MiB: not kept. */
  tooLong: boolean;
}

/**
 * Reads a text file line by line, synchronously and in chunks of 256 KiB; `take` returns false to
 * stop. Lines end in `\n` or `\r\n`. Bytes that are not UTF-8 become U+FFFD.
 */
export function eachLine(path: string, take: (line: Line) => boolean | void): void {
  using file = Deno.openSync(path);
  const bytes = spare ?? new Uint8Array(CHUNK);
  spare = undefined;
  const decoder = new TextDecoder();
  const line: Line = { number: 1, text: "", ended: true, tooLong: false };
  const emit = (text: string, ended: boolean): boolean => {
    line.text = line.tooLong ? "" : text.endsWith("\r") ? text.slice(0, -1) : text;
    line.ended = ended;
    const goOn = take(line) !== false;
    line.number++;
    line.tooLong = false;
    return goOn;
  };
  let pending = "";
  for (let count = file.readSync(bytes); count !== null; count = file.readSync(bytes)) {
    const text = decoder.decode(bytes.subarray(0, count), { stream: true });
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      if (!emit(pending + text.slice(from, end), true)) return;
      pending = "";
      from = end + 1;
    }
    pending += text.slice(from);
    if (pending.length > LONGEST) {
      line.tooLong = true;
      pending = "";
    }
  }
  spare = bytes;
  pending += decoder.decode();
  if (pending !== "" || line.tooLong) emit(pending, false);
}
