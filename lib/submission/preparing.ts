import { join } from "node:path";
import { entryAt, namesIn, removeIfThere } from "../system/files.ts";
import { isProcessAlive } from "../system/processes.ts";

const PREPARING = ".preparing-";
const NAME = /^\.preparing-(\d+)-[0-9a-f]{8}-(.+)$/;
/** After so long a folder of another host, whose processes cannot be seen, is given up. */
const FOREIGN_MS = 86_400_000;

/** A name for the folder that a submission of this process is prepared in. */
export function preparingName(host: string): string {
  return `${PREPARING}${Deno.pid}-${crypto.randomUUID().slice(0, 8)}-${host}`;
}

/** A path in the folder that a submission is prepared in → the same in its final folder. */
export function relocate(path: string, folder: string): string {
  const parts = path.split("/");
  const at = parts.findIndex((part) => part.startsWith(PREPARING));
  return at < 0 ? path : join(folder, ...parts.slice(at + 1));
}

/** Removes what submissions that were killed while they prepared have left in `parent`. */
export function removeAbandoned(parent: string, host: string, now: number): void {
  for (const name of namesIn(parent)) {
    const [, pid, owner] = NAME.exec(name) ?? [];
    if (pid === undefined) continue;
    const path = join(parent, name);
    const abandoned = owner === host
      ? !isProcessAlive(Number(pid))
      : now - (entryAt(path)?.changed ?? now) > FOREIGN_MS;
    if (abandoned) removeIfThere(path);
  }
}
