import { ByteSource } from "./byte_source.ts";
import { maskedCrc32c } from "./crc32c.ts";
import type { Problems } from "./problems.ts";

const HEADER = 12;
const FOOTER = 4;
const LARGEST = 64 * 1024 * 1024;

/** Takes one record; the bytes are valid during the call only. */
export type TakeRecord = (bytes: Uint8Array) => void;

/**
 * Reads the records of a TFRecord file: length, masked CRC-32C of it, data, masked CRC-32C of that.
 * A record whose data is damaged is left out; behind a damaged length nothing can be found any more.
 * What is left out is in `problems`.
 */
export function eachTfRecord(path: string, problems: Problems, take: TakeRecord): void {
  using file = Deno.openSync(path);
  const source = new ByteSource(file);
  for (let number = 1;; number++) {
    if (!source.need(HEADER)) {
      if (source.held > 0) problems.add("the last record is half-written; left out");
      else if (number === 1) problems.add("is empty");
      return;
    }
    const { view, at } = source;
    if (view.getUint32(at + 8, true) !== maskedCrc32c(source.bytes, at, at + 8)) {
      const where = number === 1 ? "is no TFRecord file" : `record ${number} has a damaged length`;
      return problems.add(`${where}: its checksum is wrong; stopped reading there`);
    }
    const length = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
    if (length > LARGEST) {
      problems.add(`record ${number} is larger than 64 MiB; left out`);
      if (source.pass(HEADER + length + FOOTER)) continue;
      return problems.add("the last record is half-written; left out");
    }
    if (!source.need(HEADER + length + FOOTER)) {
      return problems.add("the last record is half-written; left out");
    }
    const start = source.at + HEADER;
    const end = start + length;
    const sound = source.view.getUint32(end, true) === maskedCrc32c(source.bytes, start, end);
    if (sound) take(source.bytes.subarray(start, end));
    else problems.add(`record ${number} is damaged: its checksum is wrong; left out`);
    source.skip(HEADER + length + FOOTER);
  }
}
