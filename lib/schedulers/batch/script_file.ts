import { SchedulerError } from "../../core/errors.ts";
import { storageError } from "../../system/files.ts";

/** Reads a batch script. @throws {SchedulerError} when there is none. */
export function readScript(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw storageError(`read ${path}`, error);
    throw new SchedulerError(`Cannot submit ${path}: there is no such file`);
  }
}
