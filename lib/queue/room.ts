import { join } from "node:path";
import { StorageError } from "../core/errors.ts";
import { ScriptExit } from "../script/claiming.ts";
import { removeIfThere, storageError } from "../system/files.ts";
import { patiently } from "./patience.ts";
import type { Ended } from "./running.ts";
import type { Working } from "./working.ts";

/** Bytes that a task writes at its start, and more. */
const ROOM = 64 * 1024;

/**
 * A task that could not be started on a full disk is no failure of its own, and the next one would
 * fare no better: waits until there is room.
 *
 * @returns `again` where it has waited; nothing where the queue's disk has room.
 */
export async function endedForWantOfRoom(
  working: Working,
  ended: Ended,
): Promise<"again" | undefined> {
  if ("code" in ended ? ended.code !== ScriptExit.storage : ended.broken !== "output") {
    return undefined;
  }
  try {
    checkRoom(working);
    return undefined;
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    await patiently(working, () => checkRoom(working));
    return "again";
  }
}

/** @throws {StorageError} while the disk of the queue takes nothing. */
function checkRoom({ place: { layout }, id }: Working): void {
  const path = join(layout.workers, id, "room");
  try {
    Deno.writeFileSync(path, new Uint8Array(ROOM));
  } catch (error) {
    throw storageError(`write ${path}`, error);
  } finally {
    removeIfThere(path);
  }
}
