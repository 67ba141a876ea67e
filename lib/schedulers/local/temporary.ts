import { join } from "node:path";
import { namesIn, removeIfThere } from "../../system/files.ts";
import { isProcessAlive } from "../../system/processes.ts";
import type { Layout } from "./store.ts";

/** A path of this process's own, for what gets its name when it is complete. */
export function temporaryPath(layout: Layout): string {
  return join(layout.temporary, `${Deno.pid}-${crypto.randomUUID()}`);
}

/** Removes what killed processes left; all of them were on this machine. */
export function removeAbandoned(layout: Layout): void {
  for (const name of namesIn(layout.temporary)) {
    const pid = Number(/^(\d+)-/.exec(name)?.[1] ?? 0);
    if (pid === 0 || !isProcessAlive(pid)) removeIfThere(join(layout.temporary, name));
  }
}
