import { crc32 } from "node:zlib";
import { ByteSource } from "./byte_source.ts";
import type { Problems } from "./problems.ts";

const FILE_HEADER = 7;
const RECORD_HEADER = 7;
const BLOCK = 32 * 1024;
const LARGEST = 64 * 1024 * 1024;
const MAGIC = ":W&B";
const KIND = { whole: 1, first: 2, middle: 3, last: 4 };

/**
 * Reads the records of a transaction log of W&B: blocks of 32 KiB as in LevelDB's log, each part of
 * a record with its CRC-32. A damaged part costs the rest of its block. What is left out is in
 * `problems`.
 */
export function eachWandbRecord(
  path: string,
  problems: Problems,
  take: (bytes: Uint8Array) => void,
): void {
  using file = Deno.openSync(path);
  const source = new ByteSource(file);
  if (!source.need(FILE_HEADER)) {
    return problems.add(source.held === 0 ? "is empty" : "is half-written");
  }
  const magic = new TextDecoder("latin1").decode(source.bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC) return problems.add("is no log of W&B: it does not begin with :W&B");
  source.skip(FILE_HEADER);
  let position = FILE_HEADER;
  let parts: Uint8Array[] = [];
  const goOn = (count: number): boolean => {
    position += count;
    return source.pass(count);
  };
  while (true) {
    const left = BLOCK - position % BLOCK;
    if (left < RECORD_HEADER) {
      if (goOn(left)) continue;
      return;
    }
    if (!source.need(RECORD_HEADER)) {
      if (source.held > 0 || parts.length > 0) problems.add(HALF);
      return;
    }
    const { view, at } = source;
    const [sum, length, kind] = [
      view.getUint32(at, true),
      view.getUint16(at + 4, true),
      view.getUint8(at + 6),
    ];
    if (kind === 0 && length === 0) {
      if (goOn(left)) continue;
      return;
    }
    if (length > left - RECORD_HEADER || kind > KIND.last || kind === 0) {
      problems.add("a block is damaged; the rest of it is left out");
      parts = [];
      if (goOn(left)) continue;
      return;
    }
    if (!source.need(RECORD_HEADER + length)) return problems.add(HALF);
    const from = source.at + RECORD_HEADER;
    const data = source.bytes.subarray(from, from + length);
    if (crc32(source.bytes.subarray(from - 1, from + length)) !== sum) {
      problems.add("a record is damaged: its checksum is wrong; left out");
      parts = [];
    } else if (kind === KIND.whole) {
      take(data);
    } else {
      parts = kind === KIND.first ? [data.slice()] : [...parts, data.slice()];
      if (kind === KIND.last) take(joined(parts));
    }
    if (parts.length * BLOCK > LARGEST) parts = [];
    goOn(RECORD_HEADER + length);
  }
}

const HALF = "the last record is half-written; left out";

function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
