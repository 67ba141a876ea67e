import { join } from "node:path";
import { namesIn } from "../../system/files.ts";
import type { MpsPorts } from "./mps_daemon.ts";
import { endDaemon, type Ended } from "./mps_end.ts";
import { parseFolderName, standing, thisProcess } from "./mps_folder.ts";
import { processesOf } from "./mps_processes.ts";
import { mpsRoot, whyNotOurs } from "./mps_root.ts";

/** What became of a daemon whose owner is gone. */
export type Swept = Ended | { folder: string; how: "used"; by: number[] };

/**
 * Ends what killed processes of this user left on this node: their daemons, and the folders of
 * these. Those of living owners, of others, and those that still serve a process stay.
 */
export async function sweepMps(ports: MpsPorts): Promise<Swept[]> {
  const here = thisProcess();
  if (!here) return [];
  const swept: Swept[] = [];
  for (const root of ports.bases.map(mpsRoot)) {
    if (whyNotOurs(root) !== undefined) continue;
    for (const name of namesIn(root)) {
      const owner = parseFolderName(name);
      if (!owner || standing(owner, here) !== "gone") continue;
      const folder = join(root, name);
      const { users } = processesOf(join(folder, "pipe"));
      swept.push(
        users.length > 0 ? { folder, how: "used", by: users } : await endDaemon(folder, ports),
      );
    }
  }
  return swept;
}
