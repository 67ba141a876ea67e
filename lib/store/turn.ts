import { join } from "node:path";
import { ConflictError } from "../core/errors.ts";
import { createExclusive, entryAt, makeFolder, namesIn, removeIfThere } from "../system/files.ts";
import { isProcessAlive } from "../system/processes.ts";
import type { Layout } from "./layout.ts";

/** What only one process at a time does with an experiment, or with a destination of `sync:`. */
export type TurnKind = "archive" | "clean" | "harvest" | "import" | "sync" | "table";

/** After so long a process of another host, which cannot be seen, is given up. */
const FOREIGN_MS = 86_400_000;
const NAME = /^(\d+)-[0-9a-f]{8}-(.+)$/;

/** Who has a turn. */
export interface TurnHolder {
  pid: number;
  host: string;
  /** Its file; removing it gives the turn up in its place. */
  path: string;
}

function folderOf(layout: Layout): string {
  return join(layout.own, "turns");
}

/** Who has, or is about to take, the turn; what killed processes of this host left does not count. */
export function turnHolders(
  layout: Layout,
  { kind, id, host, now }: { kind: TurnKind; id: string; host: string; now: number },
): TurnHolder[] {
  const prefix = `${kind}.${id}.`;
  const folder = folderOf(layout);
  return namesIn(folder).flatMap((name) => {
    const [, pid, owner] = name.startsWith(prefix)
      ? NAME.exec(name.slice(prefix.length)) ?? []
      : [];
    if (pid === undefined || owner === undefined) return [];
    const path = join(folder, name);
    const lives = owner === host
      ? isProcessAlive(Number(pid))
      : now - (entryAt(path)?.changed ?? now) < FOREIGN_MS;
    if (!lives) removeIfThere(path);
    return lives ? [{ pid: Number(pid), host: owner, path }] : [];
  });
}

/** The error for what cannot be done as another process has a turn. */
export function heldBy(doing: string, id: string, { pid, host, path }: TurnHolder): ConflictError {
  return new ConflictError(`Cannot ${doing} ${id}: process ${pid} on ${host} works on it`, {
    hint: `wait for it; if that process is gone, remove ${path}`,
  });
}

/**
 * Takes the turn unless somebody has it. Every process makes a file of its own name first and looks
 * then, so that of two that do so at once at least one sees the other.
 *
 * @returns how to give it back, or who has it.
 */
export function takeTurn(
  layout: Layout,
  turn: { kind: TurnKind; id: string; host: string; now: number },
): { giveBack: () => void } | { holder: TurnHolder } {
  removeDead(layout, turn.host);
  const [holder] = turnHolders(layout, turn);
  if (holder) return { holder };
  const unique = crypto.randomUUID().slice(0, 8);
  const own = join(folderOf(layout), `${turn.kind}.${turn.id}.${Deno.pid}-${unique}-${turn.host}`);
  makeFolder(folderOf(layout));
  createExclusive(own);
  const other = turnHolders(layout, turn).find(({ path }) => path !== own);
  if (!other) return { giveBack: () => removeIfThere(own) };
  removeIfThere(own);
  return { holder: other };
}

/** Removes what killed processes of this host left of any turn. */
function removeDead(layout: Layout, host: string): void {
  for (const name of namesIn(folderOf(layout))) {
    const [, pid, owner] = /\.(\d+)-[0-9a-f]{8}-(.+)$/.exec(name) ?? [];
    if (owner !== host || isProcessAlive(Number(pid))) continue;
    removeIfThere(join(folderOf(layout), name));
  }
}
