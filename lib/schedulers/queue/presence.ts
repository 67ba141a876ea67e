import { StorageError } from "../../core/errors.ts";
import { storageError } from "../../system/files.ts";
import type { QueueLayout } from "./places.ts";
import { readWorker, serverTime, silences, workerIds, type WorkerRecord } from "./workers.ts";

/**
 * Seconds without a sign of life after which nobody counts on a worker. It proves nothing: what the
 * worker has stays its own until somebody recovers it.
 */
export const QUIET = 60;

/** A worker on the list. */
export interface Presence {
  id: string;
  /** Absent where it has claims, and wrote nothing of itself. */
  record?: WorkerRecord;
  /** Seconds since its last sign of life; absent without any. */
  silent?: number;
}

/** Every worker on the list, and how long ago it was heard of. */
export function presences(layout: QueueLayout): Presence[] {
  const ids = workerIds(layout);
  if (ids.length === 0) return [];
  const silent = silences(layout, ids, timeFor(layout));
  return ids.map((id) => ({ id, record: readWorker(layout, id), silent: silent.get(id) }));
}

/** Where nothing can be written, the clock of this machine has to do. */
function timeFor(layout: QueueLayout): number {
  try {
    return serverTime(layout);
  } catch (error) {
    if (storageError("ask for the time", error) instanceof StorageError) return Date.now();
    throw error;
  }
}
