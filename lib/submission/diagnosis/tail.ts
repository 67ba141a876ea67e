import { readEnd } from "../../system/files.ts";
import type { Tail } from "./rule.ts";

/** Bytes that are read of a log, from its end. */
export const TAIL_BYTES = 64 * 1024;

/** Longer lines are cut: a progress bar may write megabytes without a line break. */
const LINE_CHARACTERS = 2000;

// deno-lint-ignore no-control-regex
const ESCAPES = /\x1b\[[0-9;?]*[ -/]*[@-~]/g;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

/** The end of a log; `undefined` where there is none, or it is no plain file. */
export function readTail(file: string): Tail | undefined {
  const end = readEnd(file, TAIL_BYTES);
  return end && tailOf(file, end.bytes, end.whole);
}

/**
 * The lines of the last bytes of a file. Bytes that are no UTF-8, NULs and colours are harmless; of
 * a line that is redrawn (`\r`) its last state counts.
 *
 * @param whole whether these are all bytes of the file; else the first line may be cut, and is left
 * out where there is another.
 */
export function tailOf(file: string, bytes: Uint8Array, whole: boolean): Tail {
  const text = new TextDecoder().decode(bytes).replace(ESCAPES, "").replace(CONTROLS, "");
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (!whole && lines.length > 1) lines.shift();
  return { file, lines: lines.map(readable), ...whole ? { first: 1 } : {} };
}

function readable(line: string): string {
  const plain = line.split("\r").findLast((state) => state.trim() !== "") ?? "";
  return plain.length > LINE_CHARACTERS ? plain.slice(-LINE_CHARACTERS) : plain;
}
