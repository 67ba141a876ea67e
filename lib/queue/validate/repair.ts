import { join } from "node:path";
import { perform } from "../../schedulers/queue/disk.ts";
import { parseOpen, type QueueLayout, waitingFolder } from "../../schedulers/queue/places.ts";
import {
  create,
  exists,
  move,
  remove,
  removeFolder,
  type Steps,
} from "../../schedulers/queue/steps.ts";
import { type Clock, epochSeconds } from "../../system/clock.ts";
import { appendLine, removeIfThere } from "../../system/files.ts";
import type { Finding, Repair } from "./findings.ts";

/** A finding, and whether it is repaired now. */
export interface Repaired extends Finding {
  repaired: boolean;
}

/** Where each repair is noted, one JSON line each. */
export function repairLog({ folder }: QueueLayout): string {
  return join(folder, "repairs.log");
}

/**
 * Repairs what can be repaired without a loss, and notes each repair in {@linkcode repairLog} before
 * it is made. What a person has to decide about is left.
 */
export function repairQueue(
  layout: QueueLayout,
  findings: readonly Finding[],
  { clock }: { clock: Clock },
): Repaired[] {
  return findings.map((finding) => {
    const { kind, path, why, repair } = finding;
    if (!repair) return { ...finding, repaired: false };
    const note = { at: epochSeconds(clock), kind, path, why, repair };
    appendLine(repairLog(layout), JSON.stringify(note));
    return { ...finding, repaired: repairOne(layout, path, repair) };
  });
}

function repairOne(layout: QueueLayout, path: string, repair: Repair): boolean {
  const at = join(layout.folder, path);
  switch (repair) {
    case "create":
      perform(create(at));
      return true;
    case "remove":
      removeIfThere(at);
      return true;
    case "remove_empty":
      return perform(removeFolder(at));
    case "close":
      return perform(close(layout, at, path));
    case "aside": {
      const aside = `strange.${path.replaceAll("/", ".")}.${crypto.randomUUID().slice(0, 8)}`;
      return perform(move(at, join(layout.temporary, aside)));
    }
  }
}

/** A listing may have been old: the folder of what waits has to go first, which only an empty one does. */
function* close(layout: QueueLayout, at: string, path: string): Steps<boolean> {
  const waiting = waitingFolder(layout, parseOpen(path.slice("open/".length))!.job);
  yield* removeFolder(waiting);
  if (yield* exists(waiting)) return false;
  yield* remove(at);
  return true;
}
