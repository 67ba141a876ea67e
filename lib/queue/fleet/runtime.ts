import { createHash } from "node:crypto";
import { join } from "node:path";
import type { QueueLayout } from "../../schedulers/queue/places.ts";
import { exists, makeFolder, removeIfThere, storageError, writeWhole } from "../../system/files.ts";
import { bundleFolder } from "../agent/places.ts";

/** What allocations are started from. */
export interface Runtime {
  deno: string;
  bundle: string;
  /** Bytes of Deno that were copied now. */
  copied?: number;
}

/**
 * Puts worker and agent beside the queue, where every node sees them. Deno itself is used where it
 * is when it lies on the queue's file system, which nodes see, or when jobs run on this machine; else
 * it is copied, once for each version.
 */
export async function placeRuntime(
  layout: QueueLayout,
  { deno, onThisMachine }: { deno: string; onThisMachine: boolean },
): Promise<Runtime> {
  const { workerBundle } = await import("../bundle.gen.ts");
  const text = workerBundle();
  const hash = createHash("sha256").update(text).digest("hex");
  const bundle = join(bundleFolder(layout), `${hash}.js`);
  if (!exists(bundle)) writeWhole(bundle, text);
  if (onThisMachine || Deno.statSync(deno).dev === Deno.statSync(layout.folder).dev) {
    return { deno, bundle };
  }
  const copy = join(bundleFolder(layout), `deno-${Deno.version.deno}`);
  if (exists(copy)) return { deno: copy, bundle };
  return { deno: copy, bundle, copied: copyWhole(deno, copy) };
}

/** @returns how many bytes it has. */
function copyWhole(from: string, to: string): number {
  const temporary = `${to}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    makeFolder(join(to, ".."));
    Deno.copyFileSync(from, temporary);
    Deno.chmodSync(temporary, 0o755);
    Deno.renameSync(temporary, to);
    return Deno.statSync(to).size;
  } catch (error) {
    removeIfThere(temporary);
    throw storageError(`copy ${from} to ${to}`, error);
  }
}
