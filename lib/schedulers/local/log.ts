import { storageError } from "../../system/files.ts";

const MAX_BYTES = 1024 * 1024;

/** Appends lines to a log. */
export function logTo(path: string): (line: string) => void {
  return (line) => {
    try {
      Deno.writeTextFileSync(path, `${new Date().toISOString()} ${line}\n`, { append: true });
    } catch {
      // A full disk: work goes on without a log.
    }
  };
}

/** Keeps a log, which others append to as well, near 1 MiB: copied to `.1` and emptied beyond. */
export function boundLog(path: string): void {
  try {
    if (Deno.statSync(path).size <= MAX_BYTES) return;
    Deno.copyFileSync(path, `${path}.1`);
    Deno.truncateSync(path);
  } catch {
    // Not there yet, or a full disk.
  }
}

/** One line for the log. */
export function describeError(doing: string, error: unknown): string {
  const readable = storageError(doing, error);
  return readable instanceof Error ? `cannot ${doing}: ${readable.message}` : String(readable);
}
